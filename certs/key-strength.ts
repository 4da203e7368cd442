import { createPublicKey, type KeyObject } from 'node:crypto';

const CURVES = ['prime256v1', 'secp384r1', 'secp521r1'];

/** Null when the SubjectPublicKeyInfo cannot be read. */
export function readPublicKey(spki: Buffer): KeyObject | null {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch {
    return null;
  }
}

/** RSA from 2048 bits on (NIST SP 800-131A), ECDSA over the NIST curves; nothing else. */
export function isStrongKey(key: KeyObject): boolean {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa') return modulusLength >= 2048 && modulusLength <= 8192;
  return key.asymmetricKeyType === 'ec' && CURVES.includes(namedCurve);
}

/** The key as a person would call it. */
export function describeKey(key: KeyObject): string {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  return [key.asymmetricKeyType, modulusLength ?? namedCurve].filter((part) => part !== undefined).join(' ');
}
