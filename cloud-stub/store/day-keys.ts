import type { Random } from '../../platform/ports/random.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { blob, type Db } from './database.ts';
import { associated, KEY_LENGTH, seal, unseal } from './seal.ts';

const DAY_MS = 86_400_000;
export const dayOf = (wallMs: number): number => Math.floor(wallMs / DAY_MS);

/** Days whose keys stay unwrapped in memory. */
const KEPT = 8;

/**
 * Data keys, one per day, wrapped by the organisation's: random nonces under a single key would come close to
 * the bound of 2^32 (NIST SP 800-38D 8.3) within days, and a day's key destroyed erases that day.
 */
export class DayKeys {
  readonly #keys = new Map<number, Buffer>();
  readonly #db: Db;
  #wrap: Buffer;
  readonly #orgId: string;
  readonly #path: string;
  readonly #random: Random;

  constructor(options: { db: Db; wrap: Buffer; orgId: string; path: string; random: Random }) {
    this.#db = options.db;
    this.#wrap = options.wrap;
    this.#orgId = options.orgId;
    this.#path = options.path;
    this.#random = options.random;
  }

  /** After a transaction that failed: a key made in it is on no disk. */
  forget(): void {
    this.#keys.clear();
  }

  /** They are wrapped by another key now. */
  wrappedBy(wrap: Buffer): void {
    this.#wrap = wrap;
  }

  /** The key of `day`; made, within the transaction that is open, when there is none. */
  get(day: number): Buffer {
    const known = this.#keys.get(day);
    if (known) return known;
    const aad = associated('day', this.#orgId, day);
    const row = this.#db.prepare('SELECT wrapped FROM day_keys WHERE day = ?').get(day);
    if (!row) {
      const key = this.#random.bytes(KEY_LENGTH);
      const wrapped = seal(this.#random, this.#wrap, key, aad);
      this.#db.prepare('INSERT INTO day_keys (day, wrapped) VALUES (?, ?)').run(day, wrapped);
      return key;
    }
    const key = unseal(this.#wrap, blob(row.wrapped), aad);
    if (!key) {
      throw new AirherdError('store-damaged', {
        path: this.#path,
        detail: `the key of day ${day} does not open`,
      });
    }
    const oldest = this.#keys.keys().next();
    if (this.#keys.size >= KEPT && !oldest.done) this.#keys.delete(oldest.value);
    this.#keys.set(day, key);
    return key;
  }
}
