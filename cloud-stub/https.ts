import { constants } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { TlsCredentials } from '../platform/ports/transport.ts';
import { AirherdError } from '../protocol/errors.ts';

/** AES-256 only, in TLS 1.3 and 1.2. */
export const AES256_SUITES =
  'TLS_AES_256_GCM_SHA384:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384';

export interface HttpsLimits {
  /** From the first byte of a request to its last. */
  requestTimeoutMs: number;
  headersTimeoutMs: number;
  headerBytes: number;
}

/** How every HTTPS listener of the cloud is made: fastify's `https`. */
export const hardenedHttps = (
  { certificatePem, privateKeyPem }: TlsCredentials,
  { requestTimeoutMs, headersTimeoutMs, headerBytes }: HttpsLimits,
) =>
  ({
    cert: certificatePem,
    key: privateKeyPem,
    minVersion: 'TLSv1.2',
    ciphers: AES256_SUITES,
    honorCipherOrder: true,
    // A resumed session outlives what its keys were protected by.
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
    sessionTimeout: 1,
    headersTimeout: headersTimeoutMs,
    handshakeTimeout: headersTimeoutMs,
    // How often Node looks for requests that take too long.
    connectionsCheckingInterval: Math.min(1000, requestTimeoutMs, headersTimeoutMs),
    maxHeaderSize: headerBytes,
    insecureHTTPParser: false,
  }) as const;

/** Resolves to the port; the server is closed where it cannot be had. Throws port-in-use, naming `flag`, and usage-invalid. */
export async function listenOn(
  app: Pick<FastifyInstance, 'listen' | 'close' | 'server'>,
  host: string,
  port: number,
  flag: string,
): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new AirherdError('port-in-use', { host, port, flag }, { cause: error });
    const detail = `cannot listen on ${host}:${port}: ${code ?? message}`;
    throw new AirherdError('usage-invalid', { detail }, { cause: error });
  }
  const address = app.server.address();
  return typeof address === 'object' && address ? address.port : port;
}
