import { constants } from 'node:crypto';
import { createServer, type Server } from 'node:tls';
import { AirherdError } from '../../protocol/errors.ts';
import type { Listener, ListenOptions, SecureChannel, TlsListener } from '../ports/transport.ts';
import { peerChain, secureChannel, TLS12_SUITES, TLS13_SUITE } from './secure-channel.ts';

/** A client that vanished is noticed, whatever MQTT keep-alive it asked for. */
const KEEP_ALIVE_MS = 60_000;

interface HandshakeError extends Error {
  code?: string;
}

/** Connections open at once, by address. */
class AddressCounts {
  readonly #counts = new Map<string, number>();

  /** False when the address has `most` already. */
  enter(address: string, most: number): boolean {
    const count = this.#counts.get(address) ?? 0;
    if (count >= most) return false;
    this.#counts.set(address, count + 1);
    return true;
  }

  leave(address: string): void {
    const count = this.#counts.get(address) ?? 1;
    if (count <= 1) this.#counts.delete(address);
    else this.#counts.set(address, count - 1);
  }
}

function bound(server: Server, options: ListenOptions): Promise<number> {
  const { host, port } = options;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const detail = `cannot listen on ${host}:${port}: ${error.code ?? error.message}`;
      reject(
        error.code === 'EADDRINUSE'
          ? new AirherdError('port-in-use', { host, port, flag: '--port' }, { cause: error })
          : new AirherdError('usage-invalid', { detail }, { cause: error }),
      );
    });
    server.listen({ host, port }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/**
 * TLS over TCP, with AES-128-GCM only and a client certificate required. The chain is *not* judged here:
 * OpenSSL stops at the first fault and goes by the machine's clock; the login judges it whole.
 */
export const nodeListener: Listener = {
  async listen(options, onChannel, onRefused): Promise<TlsListener> {
    const counts = new AddressCounts();
    const open = new Set<{ destroy(): void }>();
    const server = createServer({
      cert: options.credentials.certificatePem,
      key: options.credentials.privateKeyPem,
      ca: [...options.trustPem],
      minVersion: options.minVersion,
      maxVersion: 'TLSv1.3',
      ciphers: options.minVersion === 'TLSv1.3' ? TLS13_SUITE : `${TLS13_SUITE}:${TLS12_SUITES}`,
      honorCipherOrder: true,
      requestCert: true,
      rejectUnauthorized: false,
      // A resumed session would skip the certificate and a reloaded revocation list. OpenSSL still names a
      // stateful session in TLS 1.3, but Node keeps none of them, so that nothing can be resumed.
      secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
      sessionTimeout: 1,
      handshakeTimeout: options.handshakeTimeoutMs,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    });
    server.on('connection', (socket) => {
      const address = socket.remoteAddress ?? '';
      if (!counts.enter(address, options.maxConnectionsPerAddress)) {
        onRefused({ code: 'limit-exceeded', remoteAddress: address });
        socket.destroy();
        return;
      }
      open.add(socket);
      socket.once('close', () => {
        open.delete(socket);
        counts.leave(address);
      });
    });
    server.on('tlsClientError', (error: HandshakeError, socket) => {
      const remoteAddress = socket.remoteAddress ?? '';
      // On a timeout Node only reports, and keeps the connection.
      socket.destroy();
      // A reset is someone who went away, a scanner or a probe of the port: nothing was refused.
      if (error.code === 'ECONNRESET') return;
      const code = error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT' ? 'limit-exceeded' : 'tls-refused';
      onRefused({ code, remoteAddress });
    });
    server.on('secureConnection', (socket) => {
      socket.on('error', () => {});
      const remoteAddress = socket.remoteAddress ?? '';
      let channel: SecureChannel | null = null;
      try {
        const chain = peerChain(socket);
        if (chain.length > 0) channel = secureChannel(socket, chain, remoteAddress);
        else onRefused({ code: 'certificate-refused', remoteAddress });
      } catch {
        // The client was gone before we could ask for the channel binding.
        onRefused({ code: 'tls-refused', remoteAddress });
      }
      if (channel) onChannel(channel);
      else socket.destroy();
    });
    const port = await bound(server, options);
    server.on('error', () => {});
    return {
      port,
      close: () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          for (const socket of open) socket.destroy();
        }),
    };
  },
};
