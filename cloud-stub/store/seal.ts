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
  let length = 0;
  const bodies = parts.map((part) => {
    const body = part instanceof Uint8Array ? part : String(part);
    length += 4 + (typeof body === 'string' ? Buffer.byteLength(body) : body.length);
    return body;
  });
  const out = Buffer.allocUnsafe(length);
  let at = 0;
  for (const body of bodies) {
    const size = typeof body === 'string' ? out.write(body, at + 4) : body.length;
    if (typeof body !== 'string') out.set(body, at + 4);
    at = out.writeUInt32BE(size, at) + size;
  }
  return out;
}

const POOL = 12 * 256;

/** Draws from `random` for hundreds of nonces at once: the call costs more than the bytes. */
export function pooledRandom(random: Random): Random {
  let pool: Buffer = Buffer.alloc(0);
  let at = 0;
  return {
    float: () => random.float(),
    bytes(length) {
      if (length > NONCE) return random.bytes(length);
      if (at + length > pool.length) {
        pool = random.bytes(POOL);
        at = 0;
      }
      at += length;
      return pool.subarray(at - length, at);
    },
  };
}

export function seal(random: Random, key: Uint8Array, plain: Uint8Array, aad: Uint8Array): Buffer {
  const nonce = random.bytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
  cipher.setAAD(aad);
  const body = cipher.update(plain);
  // In this mode nothing is left for the end but the tag.
  cipher.final();
  return Buffer.concat([nonce, body, cipher.getAuthTag()], NONCE + body.length + TAG);
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
