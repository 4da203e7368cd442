import { constants } from 'node:crypto';
import type { TlsCredentials } from '../platform/ports/transport.ts';

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
