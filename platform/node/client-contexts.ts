import { constants, createPrivateKey } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { leafAndIssuers } from '../../certs/pem.ts';
import type { DialOptions, TlsCredentials, TlsVersion } from '../ports/transport.ts';
import { TLS12_SUITES, TLS13_SUITE } from './secure-channel.ts';

/** Where the TLS context of a connection comes from, and with it the device's certificate and key. */
export interface ClientContexts {
  /** For one connection, which is begun at once: the next call may change what the context holds. */
  contextFor(options: DialOptions): SecureContext;
}

const contextOptions = (minVersion: TlsVersion, credentials: TlsCredentials): SecureContextOptions => ({
  cert: credentials.certificatePem,
  key: credentials.privateKeyPem,
  // No CA: whoever dials judges the chain. OpenSSL's verdict would cost a second walk of it and say less.
  ca: [],
  minVersion,
  maxVersion: 'TLSv1.3',
  ciphers: minVersion === 'TLSv1.3' ? TLS13_SUITE : `${TLS13_SUITE}:${TLS12_SUITES}`,
  // A resumed session would skip the certificate and a reloaded revocation list.
  secureOptions: constants.SSL_OP_NO_TICKET,
});

/** A context costs 1.2 ms and 34 KB: one per identity, dropped with it. */
export function ownContexts(): ClientContexts {
  const contexts = new WeakMap<TlsCredentials, Map<TlsVersion, SecureContext>>();
  return {
    contextFor({ credentials, minVersion }) {
      const byVersion = contexts.get(credentials) ?? new Map<TlsVersion, SecureContext>();
      contexts.set(credentials, byVersion);
      const context =
        byVersion.get(minVersion) ?? createSecureContext(contextOptions(minVersion, credentials));
      byVersion.set(minVersion, context);
      return context;
    },
  };
}

/** How a context of Node's takes certificate and key in: not documented, and done without where it is not there. */
interface Loadable {
  setCert(pem: string): void;
  setKey(pem: string): void;
}
const isLoadable = (context: Partial<Loadable> | undefined): context is Loadable =>
  typeof context?.setCert === 'function' && typeof context.setKey === 'function';

/**
 * Thousands of identities on few contexts: those of one issuer and kind of key share one, into which the leaf and
 * key of a device are put right before its connection is made. OpenSSL copies references to both into the
 * connection (SSL_new), where they stay when the next device's take their place. A connection is 30 KB smaller for
 * it, and dialling for the first time takes half a millisecond less; dialling again takes 0.7 ms more.
 */
export function sharedContexts(): ClientContexts {
  if (!isLoadable(createSecureContext({}).context)) return ownContexts();
  const contexts = new Map<string, SecureContext>();
  const groups = new Map<string, number>();
  const groupOf = new WeakMap<TlsCredentials, number>();
  /** OpenSSL keeps certificates by kind of key: one of another kind would not replace what the context holds. */
  const group = (credentials: TlsCredentials): number => {
    const known = groupOf.get(credentials);
    if (known !== undefined) return known;
    const name = `${keyKind(credentials.privateKeyPem)} ${leafAndIssuers(credentials.certificatePem)[1].trim()}`;
    const number = groups.get(name) ?? groups.size;
    groups.set(name, number);
    groupOf.set(credentials, number);
    return number;
  };
  return {
    contextFor({ credentials, minVersion }) {
      const key = `${minVersion} ${group(credentials)}`;
      const known = contexts.get(key);
      if (known === undefined) {
        const made = createSecureContext(contextOptions(minVersion, credentials));
        contexts.set(key, made);
        return made;
      }
      const { context }: { context: Loadable } = known;
      // The leaf alone: the issuers above it stay as they are.
      context.setCert(`${leafAndIssuers(credentials.certificatePem)[0]}\n`);
      context.setKey(credentials.privateKeyPem);
      return known;
    },
  };
}

/** RFC 5480 2.1.1, RFC 8017 A.1. */
const EC_PUBLIC_KEY = Buffer.from('2a8648ce3d0201', 'hex');
const RSA_ENCRYPTION = Buffer.from('2a864886f70d010101', 'hex');

/** By the algorithm at the head of a PKCS #8 key (RFC 5958 2), which costs a hundredth of reading it whole. */
function keyKind(privateKeyPem: string): string {
  const [, label, head = ''] = /^-----BEGIN ([A-Z ]+)-----\r?\n([A-Za-z0-9+/]+)/.exec(privateKeyPem) ?? [];
  const der = Buffer.from(head, 'base64');
  if (label === 'PRIVATE KEY' && der.includes(EC_PUBLIC_KEY)) return 'ec';
  if (label === 'PRIVATE KEY' && der.includes(RSA_ENCRYPTION)) return 'rsa';
  return createPrivateKey(privateKeyPem).asymmetricKeyType ?? 'unknown';
}
