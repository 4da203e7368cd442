import type { Random } from '../../platform/ports/random.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { blob, type Db } from '../store/database.ts';
import { keysOf, type OrgKeys } from '../store/org-keys.ts';
import { associated, KEY_LENGTH, seal, subkey, unseal } from '../store/seal.ts';

/**
 * `next`: the key that a rotation under way ends with, wrapped like the other. `kept`: the file's key and the
 * one of the blind indexes, wrapped by the organisation's, once that is not the one that they come from.
 */
export const ORG_KEYS_SCHEMA = `
CREATE TABLE org_keys (org_id TEXT PRIMARY KEY REFERENCES orgs(id), next BLOB, kept BLOB);
CREATE TABLE destroyed_orgs (id TEXT PRIMARY KEY, destroyed_ms INTEGER NOT NULL);
`;

export interface OrgKeyring {
  /** Throws store-damaged. */
  keys(orgId: string): OrgKeys;
  /** Begins a rotation, or goes on with one that was not finished: the key that it is to end with. */
  begin(orgId: string): Buffer;
  /** The old key is gone. */
  finish(orgId: string): void;
}

export interface OrgKeyringOptions {
  db: Db;
  wrap: Buffer;
  random: Random;
  path: string;
  changed<T>(work: () => T): T;
}

export function orgKeyring({ db, wrap, random, path, changed }: OrgKeyringOptions): OrgKeyring {
  const selectOrg = db.prepare('SELECT wrapped_key FROM orgs WHERE id = ?');
  const select = db.prepare('SELECT next, kept FROM org_keys WHERE org_id = ?');
  const place = (orgId: string) => associated('organisation', orgId);
  const open = (key: Buffer, sealed: unknown, aad: Buffer, what: string): Buffer => {
    const plain = unseal(key, blob(sealed), aad);
    if (!plain) throw new AirherdError('store-damaged', { path, detail: `${what} does not open` });
    return plain;
  };
  const current = (orgId: string) => {
    const row = selectOrg.get(orgId);
    if (!row) throw new AirherdError('store-damaged', { path, detail: `there is no key of ${orgId}` });
    const org = open(wrap, row.wrapped_key, place(orgId), `the key of ${orgId}`);
    const more = select.get(orgId);
    const isSet = (value: unknown) => value !== null && value !== undefined;
    const next = isSet(more?.next) ? open(wrap, more?.next, place(orgId), `the next key of ${orgId}`) : null;
    const kept = isSet(more?.kept)
      ? open(subkey(org, 'kept'), more?.kept, associated('kept', orgId), `the file key of ${orgId}`)
      : null;
    const keys = kept
      ? { org, file: kept.subarray(0, KEY_LENGTH), index: kept.subarray(KEY_LENGTH) }
      : keysOf(org);
    return { keys, next };
  };
  return {
    keys(orgId) {
      const { keys, next } = current(orgId);
      return next ? { ...keys, org: next, previous: keys.org } : keys;
    },
    begin: (orgId) =>
      changed(() => {
        const { next } = current(orgId);
        if (next) return next;
        const key = random.bytes(KEY_LENGTH);
        db.prepare(
          `INSERT INTO org_keys (org_id, next) VALUES (?1, ?2)
           ON CONFLICT (org_id) DO UPDATE SET next = excluded.next`,
        ).run(orgId, seal(random, wrap, key, place(orgId)));
        return key;
      }),
    finish: (orgId) =>
      changed(() => {
        const { keys, next } = current(orgId);
        if (!next) return;
        const kept = Buffer.concat([keys.file, keys.index]);
        db.prepare('UPDATE orgs SET wrapped_key = ? WHERE id = ?').run(
          seal(random, wrap, next, place(orgId)),
          orgId,
        );
        db.prepare('UPDATE org_keys SET next = NULL, kept = ? WHERE org_id = ?').run(
          seal(random, subkey(next, 'kept'), kept, associated('kept', orgId)),
          orgId,
        );
      }),
  };
}
