import { createHash } from 'node:crypto';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Random } from '../../platform/ports/random.ts';
import { type Db, number, text } from '../store/database.ts';

/** API tokens: 32 random bytes, shown once and stored as their SHA-256. */
export interface Tokens {
  /** A new token of that name; one of the same name is void from now on. */
  issue(name: string): string;
  /** The token's name, null when it is none of ours. */
  nameOf(token: string): string | null;
  count(): number;
}

export interface TokensOptions {
  db: Db;
  random: Random;
  clock: Clock;
  changed<T>(work: () => T): T;
}

// A slow hash is for passwords: 256 random bits cannot be guessed from a fast one.
const hash = (token: string): Buffer => createHash('sha256').update(token).digest();

export function tokens({ db, random, clock, changed }: TokensOptions): Tokens {
  const select = db.prepare('SELECT name FROM tokens WHERE hash = ?');
  return {
    issue(name) {
      const token = random.bytes(32).toString('base64url');
      changed(() => {
        db.prepare('DELETE FROM tokens WHERE name = ?').run(name);
        db.prepare('INSERT INTO tokens (hash, name, created_ms) VALUES (?, ?, ?)').run(
          hash(token),
          name,
          clock.wallMs(),
        );
      });
      return token;
    },
    nameOf(token) {
      const row = select.get(hash(token));
      return row ? text(row.name) : null;
    },
    count: () => number(db.prepare('SELECT count(*) AS n FROM tokens').get()?.n),
  };
}
