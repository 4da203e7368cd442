import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Random } from '../../platform/ports/random.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { blob, type Db, maybeText, number, type Row, text } from '../store/database.ts';
import { associated, KEY_LENGTH, seal, subkey, unseal } from '../store/seal.ts';
import type { AuditEntry, NewEntry, Subject, Verification } from './entry.ts';
import { subjectKeys } from './subject-keys.ts';

export interface AuditQuery {
  fromMs?: number;
  toMs?: number;
  siteId?: string;
  actorId?: string;
  limit: number;
  offset: number;
}

/** Who did what to an organisation and its data. Several processes may add to it. */
export interface AuditLog {
  /** On the disk when this returns. */
  append(entry: NewEntry, nowMs: number): number;
  /** Newest first. */
  list(query: AuditQuery): AuditEntry[];
  count(query: Omit<AuditQuery, 'limit' | 'offset'>): number;
  /**
   * Whether every row is the one that was written, in its place, and none is missing. `head`, noted earlier,
   * also shows that the whole log was not put back to an older one.
   */
  verify(head?: string): Verification;
  /** Destroys the subject's key: what the log says of it can be read by nobody. The chain stays whole. */
  forget(subject: Subject): boolean;
  /** Removes at most `most` rows of before `beforeMs`, oldest first; how many there were. */
  purge(beforeMs: number, most: number): number;
}

export interface AuditOptions {
  db: Db;
  orgKey: Buffer;
  orgId: string;
  path: string;
  random: Random;
}

const START = Buffer.alloc(32);
const ROWS_AT_ONCE = 1000;

const FILTER = `(?1 IS NULL OR at_ms >= ?1) AND (?2 IS NULL OR at_ms < ?2)
  AND (?3 IS NULL OR site_id = ?3) AND (?4 IS NULL OR actor = ?4)`;

/** The root of all keys of the log; wrapped by the organisation's key, so that rotation wraps this one anew. */
export const auditRootPlace = (orgKey: Buffer, orgId: string) => ({
  wrap: subkey(orgKey, 'audit'),
  aad: associated('audit-root', orgId),
});

export function auditLog({ db, orgKey, orgId, path, random }: AuditOptions): AuditLog {
  const root = openRoot({ db, orgKey, orgId, path, random });
  const keys = subjectKeys(db, root, random);
  const chain = subkey(root, 'chain');
  const mac = (...parts: (string | number | Uint8Array)[]): Buffer =>
    createHmac('sha256', chain)
      .update(associated(orgId, ...parts))
      .digest();

  const selectRoot = db.prepare('SELECT * FROM audit_root WHERE id = 1');
  const selectRow = db.prepare('SELECT hash FROM audit WHERE seq = ?');
  const insert = db.prepare('INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const moveHead = db.prepare('UPDATE audit_root SET head_seq = ?, head_mac = ? WHERE id = 1');
  const selectFrom = db.prepare('SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?');
  const selectMany = db.prepare(`SELECT * FROM audit WHERE ${FILTER} ORDER BY seq DESC LIMIT ?5 OFFSET ?6`);
  const countMany = db.prepare(`SELECT count(*) AS n FROM audit WHERE ${FILTER}`);

  const sealedAad = (seq: number, part: string) => associated('audit', orgId, seq, part);
  const hashOf = (before: Uint8Array, row: Row): Buffer =>
    mac(
      before,
      number(row.seq),
      number(row.at_ms),
      text(row.actor),
      text(row.action),
      text(row.outcome),
      maybeText(row.site_id) ?? '',
      number(row.actor_key),
      blob(row.actor_sealed),
      number(row.detail_key),
      blob(row.detail_sealed),
    );
  const part = (row: Row, name: 'actor' | 'detail'): unknown => {
    const key = keys.byId(number(row[`${name}_key`]));
    const plain = key && unseal(key, blob(row[`${name}_sealed`]), sealedAad(number(row.seq), name));
    return plain ? JSON.parse(plain.toString()) : null;
  };
  const open = (row: Row): AuditEntry => ({
    seq: number(row.seq),
    atMs: number(row.at_ms),
    actorId: text(row.actor),
    actor: part(row, 'actor') as AuditEntry['actor'],
    action: text(row.action),
    outcome: text(row.outcome),
    siteId: maybeText(row.site_id),
    detail: part(row, 'detail') as AuditEntry['detail'],
  });
  const filter = ({ fromMs, toMs, siteId, actorId }: Omit<AuditQuery, 'limit' | 'offset'>) =>
    [fromMs ?? null, toMs ?? null, siteId ?? null, actorId ?? null] as const;

  return {
    append: ({ actor, action, outcome, siteId = null, subject, detail }, nowMs) =>
      db.transaction(() => {
        const { head_seq, purged_seq, purged_hash } = selectRoot.get() ?? {};
        const last = number(head_seq);
        const seq = last + 1;
        const before = last === number(purged_seq) ? purged_hash : selectRow.get(last)?.hash;
        const ofActor = keys.keyOf({ kind: 'actor', value: actor.id });
        const ofDetail = keys.keyOf(subject ?? { kind: 'organisation', value: orgId });
        const { name, address } = actor;
        const sealed = (key: Buffer, what: 'actor' | 'detail', value: object) =>
          seal(random, key, Buffer.from(JSON.stringify(value)), sealedAad(seq, what));
        const row = {
          seq,
          at_ms: nowMs,
          actor: actor.id,
          action,
          outcome,
          site_id: siteId,
          actor_key: ofActor.id,
          actor_sealed: sealed(ofActor.key, 'actor', { name, address }),
          detail_key: ofDetail.id,
          detail_sealed: sealed(ofDetail.key, 'detail', detail),
        };
        const hash = hashOf(before === undefined ? START : blob(before), row);
        insert.run(...Object.values(row), hash);
        moveHead.run(seq, mac('head', seq, hash));
        return seq;
      }),
    list: (query) => selectMany.all(...filter(query), query.limit, query.offset).map(open),
    count: (query) => number(countMany.get(...filter(query))?.n),
    verify(head) {
      const found = selectRoot.get() ?? {};
      let seq = number(found.purged_seq);
      let hash: Buffer = blob(found.purged_hash);
      const from = seq + 1;
      const [wantedSeq, wantedHash] = head?.split(':') ?? [];
      let headSeen = head === undefined || Number(wantedSeq) < seq;
      const wrong = (detail: string): Verification => ({ ok: false, seq: seq + 1, detail });
      const see = () => {
        if (seq === Number(wantedSeq) && hash.toString('hex') === wantedHash) headSeen = true;
      };
      if (!equal(mac('purged', seq, hash), blob(found.purged_mac))) {
        return wrong('more was removed at its beginning than was purged');
      }
      see();
      for (;;) {
        const rows = selectFrom.all(seq, ROWS_AT_ONCE);
        for (const row of rows) {
          if (number(row.seq) !== seq + 1) return wrong('an entry is missing');
          if (!equal(hashOf(hash, row), blob(row.hash)))
            return wrong('the entry is not the one that was written');
          seq = number(row.seq);
          hash = blob(row.hash);
          see();
        }
        if (rows.length < ROWS_AT_ONCE) break;
      }
      if (number(found.head_seq) !== seq || !equal(mac('head', seq, hash), blob(found.head_mac))) {
        return wrong('entries are missing at its end');
      }
      if (!headSeen)
        return wrong('it does not hold the head that was noted: an older log was put in its place');
      return { ok: true, from, to: seq, head: `${seq}:${hash.toString('hex')}` };
    },
    forget: (subject) => db.transaction(() => keys.destroy(subject)),
    purge: (beforeMs, most) =>
      db.transaction(() => {
        const purged = number(selectRoot.get()?.purged_seq);
        const old = selectFrom.all(purged, most);
        const end = old.findIndex((row) => number(row.at_ms) >= beforeMs);
        const last = (end < 0 ? old : old.slice(0, end)).at(-1);
        if (!last) return 0;
        const seq = number(last.seq);
        const hash = blob(last.hash);
        db.prepare('UPDATE audit_root SET purged_seq = ?, purged_hash = ?, purged_mac = ? WHERE id = 1').run(
          seq,
          hash,
          mac('purged', seq, hash),
        );
        db.prepare('DELETE FROM audit WHERE seq <= ?').run(seq);
        return seq - purged;
      }),
  };
}

const equal = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

function openRoot({ db, orgKey, orgId, path, random }: AuditOptions): Buffer {
  const { wrap, aad } = auditRootPlace(orgKey, orgId);
  const row = db.prepare('SELECT wrapped FROM audit_root WHERE id = 1').get();
  if (row) {
    const root = unseal(wrap, blob(row.wrapped), aad);
    if (!root) throw new AirherdError('store-damaged', { path, detail: 'the audit log does not open' });
    return root;
  }
  const root = random.bytes(KEY_LENGTH);
  const chain = subkey(root, 'chain');
  const mac = (what: string) =>
    createHmac('sha256', chain)
      .update(associated(orgId, what, 0, START))
      .digest();
  db.transaction(() =>
    // Of two processes that make it at once, one stays.
    db
      .prepare('INSERT OR IGNORE INTO audit_root VALUES (1, ?, 0, ?, ?, 0, ?)')
      .run(seal(random, wrap, root, aad), START, mac('purged'), mac('head')),
  );
  return openRoot({ db, orgKey, orgId, path, random });
}
