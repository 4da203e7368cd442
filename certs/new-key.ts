import { generateKeyPairSync } from 'node:crypto';

export type KeyType = 'p256' | 'rsa2048';

/** The public key as SubjectPublicKeyInfo in DER, the private key as PKCS#8 in PEM. */
export interface NewKey {
  publicKey: Buffer;
  privateKeyPem: string;
}

export function newKey(keyType: KeyType): NewKey {
  const publicKeyEncoding = { type: 'spki', format: 'der' } as const;
  const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const;
  const { publicKey, privateKey } =
    keyType === 'p256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding, privateKeyEncoding })
      : generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding, privateKeyEncoding });
  return { publicKey, privateKeyPem: privateKey };
}
