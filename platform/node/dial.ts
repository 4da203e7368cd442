import { constants } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { AirherdError } from '../../protocol/errors.ts';
import { CHANNEL_BINDING_LABEL, CHANNEL_BINDING_LENGTH } from '../../protocol/proof.ts';
import type { Dialer, DialOptions, SecureChannel, TlsCredentials, TlsVersion } from '../ports/transport.ts';

const TLS13_SUITE = 'TLS_AES_128_GCM_SHA256';
const TLS12_SUITES = 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256';
/** A hostile server's chain must not keep us walking. */
const MAX_CHAIN = 8;

/** A context costs 1.2 ms and 34 KB: one per identity, dropped with it. */
const contexts = new WeakMap<TlsCredentials, Map<TlsVersion, SecureContext>>();

function contextFor({ credentials, trustPem, minVersion }: DialOptions): SecureContext {
  let byVersion = contexts.get(credentials);
  if (!byVersion) {
    byVersion = new Map();
    contexts.set(credentials, byVersion);
  }
  let context = byVersion.get(minVersion);
  if (!context) {
    context = createSecureContext({
      cert: credentials.certificatePem,
      key: credentials.privateKeyPem,
      ca: [...trustPem],
      minVersion,
      maxVersion: 'TLSv1.3',
      ciphers: minVersion === 'TLSv1.3' ? TLS13_SUITE : `${TLS13_SUITE}:${TLS12_SUITES}`,
      // A resumed session would skip the certificate and a reloaded revocation list.
      secureOptions: constants.SSL_OP_NO_TICKET,
    });
    byVersion.set(minVersion, context);
  }
  return context;
}

/** Leaf first. `getPeerX509Certificate` loses the leaf on its second call, this does not. */
function peerChain(socket: TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  let certificate = socket.getPeerCertificate(true);
  while (certificate?.raw && chain.length < MAX_CHAIN) {
    if (chain.some((der) => der.equals(certificate.raw))) break;
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

function secured(socket: TLSSocket): SecureChannel {
  const chain = peerChain(socket);
  const authorizationError: unknown = socket.authorizationError;
  return {
    stream: socket,
    protocol: socket.getProtocol() === 'TLSv1.3' ? 'TLSv1.3' : 'TLSv1.2',
    cipher: socket.getCipher().standardName,
    peerCertificate: chain[0] ?? Buffer.alloc(0),
    peerChain: chain,
    authorized: socket.authorized,
    authorizationError: authorizationError ? String(authorizationError) : null,
    remoteAddress: socket.remoteAddress ?? '',
    // TLS 1.2 tells an empty context from none (RFC 5705): it must be an empty buffer, not undefined.
    channelBinding: socket.exportKeyingMaterial(
      CHANNEL_BINDING_LENGTH,
      CHANNEL_BINDING_LABEL,
      Buffer.alloc(0),
    ),
    destroy: () => socket.destroy(),
  };
}

interface SocketError extends Error {
  code?: string;
  /** OpenSSL's words. */
  reason?: string;
}

function explain(error: SocketError, host: string, port: number, connected: boolean): AirherdError {
  const detail = error.reason ?? error.code ?? error.message;
  const code = connected ? 'tls-refused' : 'cloud-unreachable';
  return new AirherdError(code, { host, port, detail }, { cause: error });
}

/**
 * TLS over TCP. The certificate is *not* judged here: OpenSSL would stop at the first fault (an expired
 * certificate hides a wrong name), so that whoever dials checks chain, usage, name and period one by one.
 */
export const nodeDialer: Dialer = {
  dial(options: DialOptions, signal: AbortSignal): Promise<SecureChannel> {
    const { host, port, serverName, timeoutMs } = options;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      let tcpConnected = false;
      const socket = connect({
        host,
        port,
        servername: isIP(serverName) ? '' : serverName,
        secureContext: contextFor(options),
        rejectUnauthorized: false,
      });
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
      });
      socket.once('secureConnect', () => {
        try {
          const channel = secured(socket);
          settle(() => resolve(channel));
          // Until its next owner listens, an error must not end the process; the stream keeps it in `errored`.
          socket.on('error', () => {});
        } catch (error) {
          fail(explain(error instanceof Error ? error : new Error(String(error)), host, port, true));
        }
      });
    });
  },
};
