import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AuditLog, auditLog } from '../../../cloud-stub/audit/audit-log.ts';
import type { NewEntry } from '../../../cloud-stub/audit/entry.ts';
import { AUDIT_SCHEMA } from '../../../cloud-stub/audit/schema.ts';
import { type Db, openDatabase } from '../../../cloud-stub/store/database.ts';
import { nodeRandom } from '../../../platform/node/random.ts';

const DAY_MS = 86_400_000;
const fileKey = randomBytes(32);
const orgKey = randomBytes(32);
let dir: string;
let db: Db;
let log: AuditLog;
const open = () => {
  const path = join(dir, 'a.db');
  db = openDatabase(path, fileKey, [AUDIT_SCHEMA]);
  log = auditLog({ db, orgKey, orgId: 'org', path, random: nodeRandom });
};
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'airherd-audit-'));
  open();
});
afterEach(() => {
  db.close();
  rmSync(dir, { recursive: true, force: true });
});

const entry = (fields: Partial<NewEntry> = {}): NewEntry => ({
  actor: { id: 'u1', name: 'Anna Canary', address: '192.0.2.7' },
  action: 'PUT /api/v1/orgs/:orgId',
  outcome: 'done',
  detail: { before: { name: 'A' }, after: { name: 'B' } },
  ...fields,
});
const three = () => [1, 2, 3].map((n) => log.append(entry({ detail: { n } }), n * DAY_MS));
/** As somebody would who has file and file key, and does not stop at a trigger. */
const tamper = (sql: string) => {
  db.exec('DROP TRIGGER audit_never_changes; DROP TRIGGER audit_goes_oldest_first;');
  db.exec(sql);
};

describe('audit log', () => {
  test('keeps who, what, from where, before and after, also over a restart', () => {
    log.append(entry({ siteId: 's1' }), 5);
    db.close();
    open();
    expect(log.list({ limit: 10, offset: 0 })).toEqual([
      {
        seq: 1,
        atMs: 5,
        actorId: 'u1',
        actor: { name: 'Anna Canary', address: '192.0.2.7' },
        action: 'PUT /api/v1/orgs/:orgId',
        outcome: 'done',
        siteId: 's1',
        detail: { before: { name: 'A' }, after: { name: 'B' } },
      },
    ]);
    log.append(entry(), 6);
    expect(log.verify()).toMatchObject({ ok: true, from: 1, to: 2 });
  });

  test('cannot be changed or shortened through the database', () => {
    three();
    expect(() => db.exec("UPDATE audit SET action = 'nothing'")).toThrow('append-only');
    expect(() => db.exec('DELETE FROM audit WHERE seq = 3')).toThrow('append-only');
  });

  test.each([
    ['another action', "UPDATE audit SET action = 'nothing' WHERE seq = 2", 2],
    ['another actor', "UPDATE audit SET actor = 'u2' WHERE seq = 2", 2],
    ['another time', 'UPDATE audit SET at_ms = 7 WHERE seq = 2', 2],
    [
      'another sealed value',
      'UPDATE audit SET detail_sealed = (SELECT actor_sealed FROM audit) WHERE seq = 2',
      2,
    ],
    ['a row in the place of another', 'UPDATE audit SET seq = seq + 10 WHERE seq = 2', 2],
    ['a row that is gone', 'DELETE FROM audit WHERE seq = 2', 2],
    ['the last one gone', 'DELETE FROM audit WHERE seq = 3', 3],
    [
      'the last one gone, and the head with it',
      'DELETE FROM audit WHERE seq = 3; UPDATE audit_root SET head_seq = 2',
      3,
    ],
    [
      'the first one gone, as if purged',
      `UPDATE audit_root SET purged_seq = 1, purged_hash = (SELECT hash FROM audit WHERE seq = 1);
       DELETE FROM audit WHERE seq = 1`,
      2,
    ],
    ['a row of another key', 'UPDATE audit SET hash = randomblob(32) WHERE seq = 3', 3],
  ])('tampering shows: %s', (_, sql, seq) => {
    three();
    expect(log.verify().ok).toBe(true);
    tamper(sql);
    expect(log.verify()).toMatchObject({ ok: false, seq });
  });

  test('an older log in its place shows to who noted the head', () => {
    three();
    const verified = log.verify();
    const noted = verified.ok ? verified.head : '';
    tamper('DELETE FROM audit; DELETE FROM audit_subjects; DELETE FROM audit_root;');
    db.close();
    open();
    three();
    expect(log.verify().ok).toBe(true);
    expect(log.verify(noted)).toMatchObject({ ok: false });
  });

  test('erasing a subject destroys what the log says of it, and the chain stays whole', () => {
    const subject = { kind: 'mac', value: '02aabbccddee' } as const;
    log.append(entry({ subject, detail: { mac: '02aabbccddee' } }), 1);
    log.append(entry({ detail: { other: 1 } }), 2);
    expect(log.list({ limit: 1, offset: 1 })[0].detail).toEqual({ mac: '02aabbccddee' });
    expect(log.forget(subject)).toBe(true);
    expect(log.forget(subject)).toBe(false);
    const [second, first] = log.list({ limit: 2, offset: 0 });
    expect(first).toMatchObject({ detail: null, actor: { name: 'Anna Canary' }, actorId: 'u1' });
    expect(second.detail).toEqual({ other: 1 });
    expect(log.verify().ok).toBe(true);
    // Who comes again is somebody new.
    log.append(entry({ subject, detail: { mac: 'again' } }), 3);
    expect(log.list({ limit: 3, offset: 0 }).map(({ detail }) => detail)).toEqual([
      { mac: 'again' },
      { other: 1 },
      null,
    ]);
  });

  test('purging takes the oldest, in steps, and the rest verifies', () => {
    for (let day = 0; day < 20; day++) log.append(entry(), day * DAY_MS);
    const { head } = log.verify() as { head: string };
    expect(log.purge(10 * DAY_MS, 4)).toBe(4);
    expect(log.purge(10 * DAY_MS, 100)).toBe(6);
    expect(log.purge(10 * DAY_MS, 100)).toBe(0);
    expect(log.count({})).toBe(10);
    expect(log.verify(head)).toMatchObject({ ok: true, from: 11, to: 20 });
    expect(log.purge(100 * DAY_MS, 100)).toBe(10);
    log.append(entry(), 101 * DAY_MS);
    expect(log.verify()).toMatchObject({ ok: true, from: 21, to: 21 });
  });

  test('is found by time, site and actor', () => {
    three();
    log.append(entry({ siteId: 's2', actor: { id: 'u2', name: 'B', address: '::1' } }), 2 * DAY_MS);
    const page = { limit: 10, offset: 0 };
    expect(log.list({ ...page, siteId: 's2' }).map(({ seq }) => seq)).toEqual([4]);
    expect(log.list({ ...page, actorId: 'u1', fromMs: 2 * DAY_MS }).map(({ seq }) => seq)).toEqual([3, 2]);
    expect(log.count({ toMs: 2 * DAY_MS })).toBe(1);
  });
});
