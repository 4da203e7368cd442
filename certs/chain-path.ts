import { type KeyObject, verify } from 'node:crypto';
import { OID } from './asn1/oids.ts';
import { fingerprint, type ParsedCertificate, parseCertificate } from './certificate.ts';
import type { Findings } from './findings.ts';
import { readPublicKey } from './key-strength.ts';
import { fromPem } from './pem.ts';

/** Leaf, at most three CAs in between, root. */
const MAX_PATH = 5;

/**
 * The certificates from `leaf` to a trusted root, leaf first. An issuer counts only when its key verifies the
 * signature. When no root is reached, the path ends where it breaks, and the findings say how.
 */
export function buildPath(
  leaf: ParsedCertificate,
  others: readonly (ParsedCertificate | null)[],
  trustPem: readonly string[],
  findings: Findings,
): ParsedCertificate[] {
  const roots = readTrust(trustPem);
  const path = [leaf];
  for (;;) {
    const current = path[path.length - 1];
    if (roots.some((root) => root.der.equals(current.der))) return path;
    const named = [...roots, ...others]
      .filter((candidate) => candidate !== null)
      .filter((candidate) => candidate.subject.equals(current.issuer) && !path.includes(candidate));
    const issuer = named.find((candidate) => isSignedBy(current, candidate));
    if (issuer !== undefined && path.length < MAX_PATH) {
      path.push(issuer);
      continue;
    }
    if (issuer === undefined && named.length > 0) {
      findings.add('signature', `${nameOf(current)} was not signed by ${nameOf(named[0])} that we know`);
    }
    findings.add('chain', `no path from ${nameOf(leaf)} to a trusted root`);
    return path;
  }
}

/** What a person would call the certificate: its common name, or all of its subject. */
export function nameOf({ subjectAttributes }: ParsedCertificate): string {
  const common = subjectAttributes.find(({ oid }) => oid === OID.commonName);
  return `"${common?.value ?? subjectAttributes.map(({ value }) => value).join(', ')}"`;
}

/** RSA (PKCS#1 v1.5) and ECDSA with SHA-2; SHA-1 and MD5 are not signatures any more. */
const ALGORITHMS: Record<string, { digest: string; keyType: string }> = {
  [OID.sha256WithRsa]: { digest: 'sha256', keyType: 'rsa' },
  [OID.sha384WithRsa]: { digest: 'sha384', keyType: 'rsa' },
  [OID.sha512WithRsa]: { digest: 'sha512', keyType: 'rsa' },
  [OID.ecdsaWithSha256]: { digest: 'sha256', keyType: 'ec' },
  [OID.ecdsaWithSha384]: { digest: 'sha384', keyType: 'ec' },
  [OID.ecdsaWithSha512]: { digest: 'sha512', keyType: 'ec' },
};

function isSignedBy(certificate: ParsedCertificate, issuer: ParsedCertificate): boolean {
  const algorithm = ALGORITHMS[certificate.algorithm];
  const key = caches.key(issuer);
  if (algorithm === undefined || key === null || key.asymmetricKeyType !== algorithm.keyType) return false;
  return verify(algorithm.digest, certificate.tbs, key, certificate.signature);
}

/** Thousands of logins share a handful of CAs: their keys and the trust list are read once. */
class Caches {
  readonly #keys = new Map<string, KeyObject | null>();
  readonly #roots = new Map<string, ParsedCertificate | null>();

  key(issuer: ParsedCertificate): KeyObject | null {
    return remember(this.#keys, fingerprint(issuer.der).toString('hex'), () =>
      readPublicKey(issuer.publicKey),
    );
  }

  root(pem: string): ParsedCertificate | null {
    return remember(this.#roots, pem, () => {
      const [der] = fromPem('CERTIFICATE', pem);
      return der === undefined ? null : parseCertificate(der);
    });
  }
}

/** A stranger may present any number of CAs: at the bound the oldest is forgotten. */
const CACHE_ENTRIES = 64;

function remember<Value>(cache: Map<string, Value>, key: string, make: () => Value): Value {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make();
  if (cache.size >= CACHE_ENTRIES) {
    const oldest = cache.keys().next();
    if (!oldest.done) cache.delete(oldest.value);
  }
  cache.set(key, made);
  return made;
}

const caches = new Caches();

const readTrust = (trustPem: readonly string[]): ParsedCertificate[] =>
  trustPem.map((pem) => caches.root(pem)).filter((root) => root !== null);
