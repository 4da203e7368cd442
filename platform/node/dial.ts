import { isIP, type TcpSocketConnectOpts } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import { AirherdError } from '../../protocol/errors.ts';
import type { Dialer, DialOptions, SecureChannel } from '../ports/transport.ts';
import { type ClientContexts, ownContexts } from './client-contexts.ts';
import { peerChain, secureChannel } from './secure-channel.ts';

interface SocketError extends Error {
  code?: string;
  /** OpenSSL's words. */
  reason?: string;
}

/** What the system says when it is this machine that has no more. */
const LACKING: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'no local port left for it, or not the local address (EADDRNOTAVAIL)',
  EMFILE: 'no open file left for it (EMFILE)',
  ENFILE: 'no open file left for it (ENFILE)',
};

function explain(error: SocketError, host: string, port: number, connected: boolean): AirherdError {
  const detail = error.reason ?? error.code ?? error.message;
  // An alert, or what is no TLS, is an answer; a connection that just ends may be an outage as well.
  const answered = error.code !== undefined && /^ERR_(SSL|TLS)/.test(error.code);
  const lacking = LACKING[error.code ?? ''];
  if (lacking !== undefined) {
    return new AirherdError('local-limit', { host, port, what: lacking }, { cause: error });
  }
  const code = answered ? 'tls-refused' : connected ? 'login-cut' : 'cloud-unreachable';
  return new AirherdError(code, { host, port, detail }, { cause: error });
}

/**
 * TLS over TCP. The certificate is *not* judged here: OpenSSL would stop at the first fault (an expired
 * certificate hides a wrong name), so that whoever dials checks chain, usage, name and period one by one.
 */
export const createDialer = (contexts: ClientContexts): Dialer => ({
  dial(options: DialOptions, signal: AbortSignal): Promise<SecureChannel> {
    const { host, port, serverName, timeoutMs } = options;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      let tcpConnected = false;
      const connection: ConnectionOptions & TcpSocketConnectOpts = {
        host,
        port,
        localAddress: options.localAddress,
        servername: isIP(serverName) ? '' : serverName,
        ALPNProtocols: options.alpn ? [...options.alpn] : undefined,
        secureContext: contexts.contextFor(options),
        rejectUnauthorized: false,
      };
      const socket = connect(connection);
      const settle = (run: () => void) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        socket.off('error', onError);
        socket.off('close', onClose);
        run();
      };
      const fail = (error: unknown) => {
        settle(() => reject(error));
        socket.on('error', () => {});
        socket.destroy();
      };
      const onAbort = () => fail(signal.reason);
      const onError = (error: SocketError) => fail(explain(error, host, port, tcpConnected));
      const onClose = () => fail(explain(new Error('connection closed'), host, port, tcpConnected));
      const timer = setTimeout(() => {
        const step = tcpConnected ? 'the TLS handshake' : 'the TCP connection';
        fail(new AirherdError('cloud-timeout', { host, port, step, seconds: timeoutMs / 1000 }));
      }, timeoutMs);
      signal.addEventListener('abort', onAbort, { once: true });
      socket.on('error', onError);
      socket.on('close', onClose);
      socket.once('connect', () => {
        tcpConnected = true;
        socket.setNoDelay(true);
        options.onConnected?.({ address: socket.localAddress ?? '', port: socket.localPort ?? 0 });
      });
      socket.once('secureConnect', () => {
        try {
          const channel = secureChannel(socket, peerChain(socket), socket.remoteAddress ?? '');
          settle(() => resolve(channel));
          // Until its next owner listens, an error must not end the process; the stream keeps it in `errored`.
          socket.on('error', () => {});
        } catch (error) {
          fail(explain(error instanceof Error ? error : new Error(String(error)), host, port, true));
        }
      });
    });
  },
});

/** Each identity keeps a context of its own: quick to dial again, for one device or a few. */
export const nodeDialer: Dialer = createDialer(ownContexts());
