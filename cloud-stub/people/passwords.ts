import { type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import type { Random } from '../../platform/ports/random.ts';

/**
 * scrypt (RFC 7914), memory-hard: N = 2^15, r = 8, p = 3 is 32 MiB a guess, one of the sets that OWASP's
 * password storage guidance holds to be equal.
 */
const LOG_N = 15;
const R = 8;
const P = 3;
const SALT = 16;
const HASH = 32;
const MAX_MEMORY = 64 * 1024 * 1024;
/** Guesses that are worked on at once: more would be a way to use up memory. */
const AT_ONCE = 2;

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Does the same work whether there is a hash to compare with or not: null is nobody's, and never right. */
  verify(password: string, stored: string | null): Promise<boolean>;
  /** Passwords that were worked on: what an unknown account costs must be what a known one does. */
  readonly worked: number;
}

function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, HASH, { ...options, maxmem: MAX_MEMORY }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

export function passwords(random: Random): Passwords {
  let worked = 0;
  let running = 0;
  const waiting: (() => void)[] = [];
  const work = async (password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> => {
    if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    running++;
    worked++;
    try {
      return await derive(password, salt, options);
    } finally {
      running--;
      waiting.shift()?.();
    }
  };
  return {
    async hash(password) {
      const salt = random.bytes(SALT);
      const key = await work(password, salt, { N: 2 ** LOG_N, r: R, p: P });
      return `scrypt$${LOG_N}$${R}$${P}$${salt.toString('base64url')}$${key.toString('base64url')}`;
    },
    async verify(password, stored) {
      const [, logN, r, p, salt, key] = stored?.split('$') ?? ['', LOG_N, R, P, '', ''];
      const expected = stored ? Buffer.from(String(key), 'base64url') : random.bytes(HASH);
      const from = stored ? Buffer.from(String(salt), 'base64url') : random.bytes(SALT);
      const found = await work(password, from, { N: 2 ** Number(logN), r: Number(r), p: Number(p) });
      return found.length === expected.length && timingSafeEqual(found, expected) && stored !== null;
    },
    get worked() {
      return worked;
    },
  };
}
