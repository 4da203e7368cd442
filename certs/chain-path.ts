import { verify } from 'node:crypto';
import { OID } from './asn1/oids.ts';
import { keyOf, rememberSignature, trustedRoot } from './ca-cache.ts';
import type { ParsedCertificate } from './certificate.ts';
import type { Findings } from './findings.ts';

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
  const roots = trustPem.map(trustedRoot).filter((root) => root !== null);
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
export function nameOf({ subjectAttributes }: Pick<ParsedCertificate, 'subjectAttributes'>): string {
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
  return rememberSignature(certificate, issuer, () => {
    const algorithm = ALGORITHMS[certificate.algorithm];
    const key = keyOf(issuer);
    if (algorithm === undefined || key === null || key.asymmetricKeyType !== algorithm.keyType) return false;
    return verify(algorithm.digest, certificate.tbs, key, certificate.signature);
  });
}
