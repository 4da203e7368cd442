/** Serves one payload over HTTPS to whoever has a device certificate, as badly as it is told to. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Authority } from '../../certs/authority.ts';
import { serverCertificate } from './agent-lab.ts';

export class PayloadServer {
  payload: Buffer;
  /** Of the next connections, one after the other: how many bytes until it is cut. */
  cuts: number[] = [];
  private status: number | null = null;
  /** Ignores ranges, as a server may. */
  withoutRanges = false;
  /** What was asked for, and how many bytes of the payload went out from each offset. */
  readonly asked: { range: string | undefined; ifRange: unknown; peer: string }[] = [];
  readonly sent = new Map<number, number>();
  private readonly server: Server;

  private constructor(server: Server, payload: Buffer) {
    this.server = server;
    this.payload = payload;
  }

  static async start(authority: Authority, payload: Buffer): Promise<PayloadServer> {
    const { certificatePem, privateKeyPem } = await serverCertificate(authority);
    const ca = [authority.rootPem, authority.devices.pem];
    const server = createServer({
      ...{ cert: certificatePem, key: privateKeyPem, ca, requestCert: true, minVersion: 'TLSv1.3' },
    });
    const one = new PayloadServer(server, payload);
    server.on('request', (request, response) => one.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return one;
  }

  get url(): string {
    const address = this.server.address();
    return `https://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/firmware`;
  }

  /** To everything from now on. */
  answers(status: number): void {
    this.status = status;
  }

  /** How often each byte of the payload went out. */
  timesSent(): Set<number> {
    const times = new Uint8Array(this.payload.length);
    for (const [from, length] of this.sent) for (let i = from; i < from + length; i++) times[i]++;
    return new Set(times);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private answer({ headers, socket }: IncomingMessage, response: ServerResponse): void {
    const peer =
      'getPeerCertificate' in socket
        ? String((socket as never as PeerSocket).getPeerCertificate().subject.CN)
        : '';
    this.asked.push({ range: headers.range, ifRange: headers['if-range'], peer });
    if (this.status !== null) {
      response.writeHead(this.status).end();
      return;
    }
    const from = this.withoutRanges ? 0 : Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    const { length } = this.payload;
    const isPart = from > 0;
    response.writeHead(isPart ? 206 : 200, {
      'content-length': length - from,
      ...(isPart && { 'content-range': `bytes ${from}-${length - 1}/${length}` }),
    });
    const until = Math.min(length, from + (this.cuts.shift() ?? length));
    this.sent.set(from, until - from);
    if (until === length) response.end(this.payload.subarray(from));
    else response.write(this.payload.subarray(from, until), () => response.destroy());
  }
}

interface PeerSocket {
  getPeerCertificate(): { subject: { CN: string } };
}
