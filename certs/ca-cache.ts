/**
 * Thousands of logins share a handful of CAs and servers: their certificates are read once, and so are their keys
 * and the signatures between them. What is remembered of a certificate lives as long as the object that it was read to.
 */
import { createHash, type KeyObject } from 'node:crypto';
import { type ParsedCertificate, parseCertificate } from './certificate.ts';
import { readPublicKey } from './key-strength.ts';
import { fromPem } from './pem.ts';

/** A stranger may present any number of CAs: at the bound the oldest is forgotten. */
const CACHE_ENTRIES = 64;

function remember<Key, Value>(
  cache: Map<Key, Value>,
  key: Key,
  make: () => Value,
  most = CACHE_ENTRIES,
): Value {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make();
  if (cache.size >= most) {
    const oldest = cache.keys().next();
    if (!oldest.done) cache.delete(oldest.value);
  }
  cache.set(key, made);
  return made;
}

const presented = new Map<string, ParsedCertificate | null>();
const trusted = new Map<string, ParsedCertificate | null>();
const keys = new WeakMap<ParsedCertificate, KeyObject | null>();
const signatures = new WeakMap<ParsedCertificate, WeakMap<ParsedCertificate, boolean>>();

/** What `make` makes, or made of the same parts before: they must be all that it looks at. `most` are kept. */
export function rememberingParts<Value>(
  most?: number,
): (parts: readonly (Uint8Array | string)[], make: () => Value) => Value {
  const cache = new Map<string, Value>();
  return (parts, make) => {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(`${part.length} `).update(part);
    return remember(cache, hash.digest('base64'), make, most);
  };
}

/** A certificate that a peer sent beside its own. */
export function presentedCa(der: Buffer): ParsedCertificate | null {
  const hash = createHash('sha256').update(der).digest('base64');
  return remember(presented, hash, () => parseCertificate(Buffer.from(der)));
}

/** The first certificate of a PEM text; null when there is none. */
export function trustedRoot(pem: string): ParsedCertificate | null {
  return remember(trusted, pem, () => {
    const [der] = fromPem('CERTIFICATE', pem);
    return der === undefined ? null : parseCertificate(der);
  });
}

/** The certificate's public key; null when it cannot be read. */
export function keyOf(certificate: ParsedCertificate): KeyObject | null {
  let key = keys.get(certificate);
  if (key === undefined) {
    key = readPublicKey(certificate.publicKey);
    keys.set(certificate, key);
  }
  return key;
}

/** `check`, or what it said of the same two before. */
export function rememberSignature(
  certificate: ParsedCertificate,
  issuer: ParsedCertificate,
  check: () => boolean,
): boolean {
  let known = signatures.get(certificate);
  if (known === undefined) {
    known = new WeakMap();
    signatures.set(certificate, known);
  }
  let signed = known.get(issuer);
  if (signed === undefined) {
    signed = check();
    known.set(issuer, signed);
  }
  return signed;
}
