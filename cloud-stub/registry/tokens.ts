import { createHash } from 'node:crypto';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Random } from '../../platform/ports/random.ts';
import type { Privilege } from '../people/identity.ts';
import { isFrom } from '../people/networks.ts';
import { type Db, maybeText, number, type Row, text } from '../store/database.ts';
import { uuid } from './uuid.ts';

export interface ApiToken {
  id: string;
  name: string;
  /** Whose it is: an organisation's, a person's (then it may what that person may), or this machine's. */
  orgId: string | null;
  userId: string | null;
  privileges: readonly Privilege[];
  /** Addresses and networks that it may come from; empty for any. */
  networks: readonly string[];
  createdBy: string | null;
  createdMs: number;
  expiresMs: number | null;
  lastUsedMs: number | null;
}

export type NewToken = Pick<ApiToken, 'name' | 'orgId' | 'userId' | 'privileges'> &
  Partial<Pick<ApiToken, 'networks' | 'createdBy' | 'expiresMs'>>;

/** API tokens: 32 random bytes, shown once and stored as their SHA-256. */
export interface Tokens {
  /** A new token of this machine's operator, who may do all; one of the same name is void from now on. */
  issue(name: string): string;
  /** Voids the operator's token of that name. */
  withdraw(name: string): void;
  create(token: NewToken): { key: string; token: ApiToken };
  /** Null when it is none of ours, has expired, or comes from where it may not. */
  find(key: string, address: string): ApiToken | null;
  list(owner?: { orgId?: string; userId?: string }): ApiToken[];
  revoke(id: string): void;
  count(): number;
}

export interface TokensOptions {
  db: Db;
  random: Random;
  clock: Clock;
  changed<T>(work: () => T): T;
}

/** How exact `lastUsedMs` is: a write for every request would cost more than the request. */
const LAST_USED_EXACT_MS = 60_000;
const OPERATOR: readonly Privilege[] = [{ scope: 'all', role: 'admin' }];

// A slow hash is for passwords: 256 random bits cannot be guessed from a fast one.
const hash = (token: string): Buffer => createHash('sha256').update(token).digest();

const maybeNumber = (value: unknown): number | null => (value === null ? null : number(value));

const apiToken = (row: Row): ApiToken => ({
  id: text(row.id),
  name: text(row.name),
  orgId: maybeText(row.org_id),
  userId: maybeText(row.user_id),
  privileges: JSON.parse(text(row.privileges)),
  networks: JSON.parse(text(row.networks)),
  createdBy: maybeText(row.created_by),
  createdMs: number(row.created_ms),
  expiresMs: maybeNumber(row.expires_ms),
  lastUsedMs: maybeNumber(row.last_used_ms),
});

export function tokens({ db, random, clock, changed }: TokensOptions): Tokens {
  const select = db.prepare('SELECT * FROM tokens WHERE hash = ?');
  const touch = db.prepare('UPDATE tokens SET last_used_ms = ? WHERE id = ?');
  const insert = db.prepare(
    `INSERT INTO tokens
     (hash, id, name, org_id, user_id, privileges, networks, created_by, created_ms, expires_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const add = (token: NewToken): { key: string; token: ApiToken } => {
    const key = random.bytes(32).toString('base64url');
    insert.run(
      hash(key),
      uuid(random),
      token.name,
      token.orgId,
      token.userId,
      JSON.stringify(token.privileges),
      JSON.stringify(token.networks ?? []),
      token.createdBy ?? null,
      clock.wallMs(),
      token.expiresMs ?? null,
    );
    return { key, token: apiToken(select.get(hash(key)) ?? {}) };
  };
  const dropNamed = db.prepare('DELETE FROM tokens WHERE name = ? AND org_id IS NULL AND user_id IS NULL');
  return {
    withdraw: (name) => changed(() => void dropNamed.run(name)),
    issue: (name) =>
      changed(() => {
        dropNamed.run(name);
        return add({ name, orgId: null, userId: null, privileges: OPERATOR }).key;
      }),
    create: (token) => changed(() => add(token)),
    find(key, address) {
      const row = select.get(hash(key));
      if (!row) return null;
      const token = apiToken(row);
      const nowMs = clock.wallMs();
      if (token.expiresMs !== null && nowMs >= token.expiresMs) return null;
      if (!isFrom(address, token.networks)) return null;
      if (nowMs - (token.lastUsedMs ?? 0) >= LAST_USED_EXACT_MS) touch.run(nowMs, token.id);
      return token;
    },
    list: ({ orgId, userId } = {}) =>
      db
        .prepare(
          `SELECT * FROM tokens WHERE (?1 IS NULL OR org_id = ?1) AND (?2 IS NULL OR user_id = ?2)
           ORDER BY created_ms, id`,
        )
        .all(orgId ?? null, userId ?? null)
        .map(apiToken),
    revoke: (id) => changed(() => void db.prepare('DELETE FROM tokens WHERE id = ?').run(id)),
    count: () => number(db.prepare('SELECT count(*) AS n FROM tokens').get()?.n),
  };
}
