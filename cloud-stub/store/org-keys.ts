import type { Random } from '../../platform/ports/random.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { auditRootPlace } from '../audit/audit-log.ts';
import { blob, type Db, number } from './database.ts';
import { associated, seal, subkey, unseal } from './seal.ts';

/**
 * Keys of one organisation's store. The organisation's key wraps the others; the file's own and the one of the
 * blind indexes stay when it is rotated, since all pages and rows would have to be written anew.
 */
export interface OrgKeys {
  org: Buffer;
  file: Buffer;
  index: Buffer;
  /** A rotation that was not finished: what is still wrapped by this one is wrapped anew at the opening. */
  previous?: Buffer;
}

export const keysOf = (org: Buffer): OrgKeys => ({
  org,
  file: subkey(org, 'file'),
  index: subkey(org, 'index'),
});

/** Wraps data keys and the audit log's root by `to`; what is so already is left. Within a transaction. */
export function rewrap(
  db: Db,
  {
    orgId,
    path,
    random,
    from,
    to,
  }: { orgId: string; path: string; random: Random; from: Buffer; to: Buffer },
): void {
  const again = (what: string, sealed: Buffer, place: (key: Buffer) => { wrap: Buffer; aad: Buffer }) => {
    const [old, next] = [place(from), place(to)];
    if (unseal(next.wrap, sealed, next.aad)) return null;
    const key = unseal(old.wrap, sealed, old.aad);
    if (!key) throw new AirherdError('store-damaged', { path, detail: `${what} does not open` });
    return seal(random, next.wrap, key, next.aad);
  };
  for (const row of db.prepare('SELECT day, wrapped FROM day_keys').all()) {
    const day = number(row.day);
    const aad = associated('day', orgId, day);
    const wrapped = again(`the key of day ${day}`, blob(row.wrapped), (key) => ({
      wrap: subkey(key, 'day'),
      aad,
    }));
    if (wrapped) db.prepare('UPDATE day_keys SET wrapped = ? WHERE day = ?').run(wrapped, day);
  }
  const root = db.prepare('SELECT wrapped FROM audit_root WHERE id = 1').get();
  const wrapped = root && again('the audit log', blob(root.wrapped), (key) => auditRootPlace(key, orgId));
  if (wrapped) db.prepare('UPDATE audit_root SET wrapped = ? WHERE id = 1').run(wrapped);
}
