/** OpenSSL's TLS client with somebody else carrying its records: what EAP's TLS methods need. */
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import type { TlsTunnel } from '../../world/conversation/supplicant.ts';

export interface TunnelKeys {
  ca: string;
  cert?: string;
  key?: string;
}

export class OpenSslTunnel implements TlsTunnel {
  isUp = false;
  private readonly wire: Duplex;
  private readonly tls: TLSSocket;
  private sent: Buffer[] = [];
  private plain: Buffer[] = [];

  constructor({ ca, cert, key }: TunnelKeys) {
    this.wire = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        this.sent.push(chunk);
        this.wire.emit('progress');
        done();
      },
    });
    // EAP methods end at TLS 1.2 here: with 1.3 they differ, and hostapd has it off.
    this.tls = connect({
      socket: this.wire,
      ca,
      cert,
      key,
      maxVersion: 'TLSv1.2',
      servername: 'radius.test',
    });
    this.tls.on('secureConnect', () => {
      this.isUp = true;
      this.wire.emit('progress');
    });
    this.tls.on('data', (chunk: Buffer) => {
      this.plain.push(chunk);
      this.wire.emit('progress');
    });
    this.tls.on('error', () => this.wire.emit('progress'));
  }

  async exchange(records: Uint8Array): Promise<Uint8Array> {
    if (records.length > 0 || this.sent.length === 0) {
      const progress = once(this.wire, 'progress');
      if (records.length > 0) this.wire.push(Buffer.from(records));
      await progress;
    }
    return this.take();
  }

  async seal(plaintext: Uint8Array): Promise<Uint8Array> {
    const progress = once(this.wire, 'progress');
    this.tls.write(plaintext);
    await progress;
    return this.take();
  }

  opened(): Uint8Array {
    return Buffer.concat(this.plain.splice(0));
  }

  /** What OpenSSL still has to say comes in the same turn of the event loop. */
  private async take(): Promise<Uint8Array> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    return Buffer.concat(this.sent.splice(0));
  }

  destroy(): void {
    this.tls.destroy();
  }
}
