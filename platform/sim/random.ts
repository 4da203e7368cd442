import { createCipheriv, createHash } from 'node:crypto';
import type { Random } from '../ports/random.ts';

/** A stream of numbers that one seed decides: AES-128-CTR over zeros, so that it is the same everywhere. */
export function seededRandom(seed: string): Random {
  const digest = createHash('sha256').update(seed).digest();
  const cipher = createCipheriv('aes-128-ctr', digest.subarray(0, 16), digest.subarray(16));
  const bytes = (length: number): Buffer => cipher.update(Buffer.alloc(length));
  return { bytes, float: () => bytes(6).readUIntBE(0, 6) / 2 ** 48 };
}
