import { Duplex } from 'node:stream';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Limits } from '../limits.ts';

const PUBLISH = 3;
const LINGER_MS = 2000;

export type Exceeded = 'bytes before login' | 'packet size' | 'publish rate' | 'packet form';

/**
 * Stands between TLS and aedes, whose parser has no bound (150 MB were buffered before a CONNECT). Reads
 * nothing but MQTT's fixed headers (3.1.1, 2.2), so that a packet is refused by its announced length, before
 * its bytes arrive.
 */
export class LimitedConnection extends Duplex {
  readonly #inner: Duplex;
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #onExceeded: (what: Exceeded) => void;
  #loggedIn = false;
  #bytes = 0;
  /** Bytes of the current packet still to come; -1 when a fixed header is due. */
  #remaining = -1;
  #type = 0;
  #length = 0;
  #lengthBytes = 0;
  #tokens: number;
  #refilledMs: number;

  constructor(inner: Duplex, limits: Limits, clock: Clock, onExceeded: (what: Exceeded) => void) {
    super({ allowHalfOpen: false });
    this.#inner = inner;
    this.#limits = limits;
    this.#clock = clock;
    this.#onExceeded = onExceeded;
    this.#tokens = limits.publishBurst;
    this.#refilledMs = clock.monoMs();
    inner.on('data', (chunk: Buffer) => this.#take(chunk));
    inner.on('end', () => this.push(null));
    inner.on('error', (error) => this.destroy(error));
    inner.on('close', () => this.destroy());
    inner.pause();
  }

  /** From here on `maxPacket` is the bound. */
  loggedIn(): void {
    this.#loggedIn = true;
  }

  #take(chunk: Buffer): void {
    if (this.destroyed) return;
    const exceeded = this.#scan(chunk);
    if (exceeded) {
      this.#onExceeded(exceeded);
      this.destroy();
    } else if (!this.push(chunk)) this.#inner.pause();
  }

  #scan(chunk: Buffer): Exceeded | null {
    if (!this.#loggedIn) {
      this.#bytes += chunk.length;
      if (this.#bytes > this.#limits.bytesBeforeLogin) return 'bytes before login';
    }
    for (let at = 0; at < chunk.length; ) {
      if (this.#remaining >= 0) {
        const taken = Math.min(this.#remaining, chunk.length - at);
        at += taken;
        this.#remaining -= taken;
        if (this.#remaining === 0) this.#remaining = -1;
        continue;
      }
      const byte = chunk[at++];
      if (this.#type === 0) {
        this.#type = byte >> 4;
        this.#length = 0;
        this.#lengthBytes = 0;
        if (this.#type === 0 || this.#type === 15) return 'packet form';
        continue;
      }
      // 2.2.3: seven bits a byte, at most four bytes
      this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes++;
      if (byte & 0x80) {
        if (this.#lengthBytes === 4) return 'packet form';
        continue;
      }
      if (1 + this.#lengthBytes + this.#length > this.#limits.maxPacket) return 'packet size';
      if (this.#type === PUBLISH && !this.#spend()) return 'publish rate';
      this.#type = 0;
      this.#remaining = this.#length === 0 ? -1 : this.#length;
    }
    return null;
  }

  #spend(): boolean {
    const nowMs = this.#clock.monoMs();
    const refill = ((nowMs - this.#refilledMs) / 1000) * this.#limits.publishesPerSecond;
    this.#tokens = Math.min(this.#limits.publishBurst, this.#tokens + refill);
    this.#refilledMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  override _read(): void {
    this.#inner.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#inner.destroyed) done(new Error('connection closed'));
    else if (this.#inner.write(chunk)) done();
    else this.#drained(done);
  }

  #drained(done: () => void): void {
    const settle = () => {
      this.#inner.off('drain', settle);
      this.#inner.off('close', settle);
      done();
    };
    this.#inner.on('drain', settle);
    this.#inner.on('close', settle);
  }

  override _final(done: () => void): void {
    this.#inner.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const inner = this.#inner;
    if (!inner.destroyed) {
      // What was written, a refusing CONNACK above all, still goes out; a peer that does not read is cut.
      const cut = this.#clock.timer(LINGER_MS, () => inner.destroy());
      inner.once('close', () => cut.cancel());
      inner.end(() => inner.destroy());
    }
    done(error);
  }
}
