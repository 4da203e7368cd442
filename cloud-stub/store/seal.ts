/**
 * AES-256-GCM for what rests: nonce[12] || ciphertext || tag[16]. The associated data says what the bytes are
 * and where they belong, so that a sealed value moved to another row does not open.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import type { Random } from '../../platform/ports/random.ts';

const NONCE = 12;
const TAG = 16;
export const KEY_LENGTH = 32;

/** Length-prefixed parts: no two different lists give the same bytes. */
export function associated(...parts: (string | number | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = part instanceof Uint8Array ? part : Buffer.from(String(part));
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}

export function seal(random: Random, key: Uint8Array, plain: Uint8Array, aad: Uint8Array): Buffer {
  const nonce = random.bytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
  cipher.setAAD(aad);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Null when key, associated data or bytes are not those that were sealed. */
export function unseal(key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Buffer | null {
  if (sealed.length < NONCE + TAG) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE), { authTagLength: TAG });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE, sealed.length - TAG)), decipher.final()]);
  } catch {
    return null;
  }
}

/** A key for one purpose, from a key that is used for nothing else. */
export const subkey = (key: Uint8Array, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, 'airherd-store-v1', purpose, KEY_LENGTH));

/** Keyed blind index: equal values are found again without being readable. */
export const blindIndex = (key: Uint8Array, ...parts: (string | number | Uint8Array)[]): Buffer =>
  createHmac('sha256', key)
    .update(associated(...parts))
    .digest()
    .subarray(0, 16);
