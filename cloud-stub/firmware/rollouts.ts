import type { Clock } from '../../platform/ports/clock.ts';
import type { Random } from '../../platform/ports/random.ts';
import type { UpgradePhase } from '../../protocol/messages/upgrade.ts';
import { uuid } from '../registry/uuid.ts';
import { type Db, maybeText, number, type Row, text } from '../store/database.ts';

export const ROLLOUT_STATES = ['running', 'paused', 'aborted', 'done'] as const;
export type RolloutState = (typeof ROLLOUT_STATES)[number];

export interface Rollout {
  id: string;
  orgId: string;
  /** Null: devices of all sites. */
  siteId: string | null;
  imageId: string;
  /** Cumulative percentages of the devices; the last is 100. */
  stages: readonly number[];
  /** Of a stage's devices that have not failed, so many have to commit before the next begins. */
  successPercent: number;
  /** One more that fails or is rolled back pauses the roll-out. */
  maxFailures: number;
  /** Place in `stages`. */
  stage: number;
  state: RolloutState;
  /** Why it is paused. */
  reason: string | null;
  /** Failures that whoever resumed it knew of. */
  forgiven: number;
  createdMs: number;
}

/** What became of the order to one device. */
export interface Target {
  serial: string;
  phase: 'ordered' | UpgradePhase;
  percent: number;
  code: string | null;
  detail: string | null;
  updatedMs: number;
}

export type NewRollout = Pick<
  Rollout,
  'orgId' | 'siteId' | 'imageId' | 'stages' | 'successPercent' | 'maxFailures'
>;

export interface Rollouts {
  add(rollout: NewRollout): Rollout;
  find(id: string): Rollout | null;
  /** Newest first. */
  list(orgId: string): Rollout[];
  /** Running or paused; of all organisations. */
  open(): Rollout[];
  change(id: string, change: Partial<Pick<Rollout, 'stage' | 'state' | 'reason' | 'forgiven'>>): Rollout;
  targets(id: string): Target[];
  setTarget(id: string, target: Omit<Target, 'updatedMs'>): void;
  /** Whether this device was ever ordered to take this image. */
  wasOrdered(serial: string, imageId: string): boolean;
  usesImage(imageId: string): boolean;
  /** That have roll-outs. */
  organisations(): string[];
  /** Of an organisation that is destroyed. */
  forget(orgId: string): void;
}

export function rollouts({ db, clock, random }: { db: Db; clock: Clock; random: Random }): Rollouts {
  const select = db.prepare('SELECT * FROM rollouts WHERE id = ?');
  const selectTargets = db.prepare('SELECT * FROM targets WHERE rollout = ? ORDER BY serial');
  const upsert = db.prepare(
    `INSERT INTO targets (rollout, serial, phase, percent, code, detail, updated_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (rollout, serial) DO UPDATE SET phase = excluded.phase, percent = excluded.percent,
     code = excluded.code, detail = excluded.detail, updated_ms = excluded.updated_ms`,
  );
  const find = (id: string): Rollout | null => {
    const row = select.get(id);
    return row ? rolloutOf(row) : null;
  };
  const known = (id: string): Rollout => {
    const rollout = find(id);
    if (!rollout) throw new TypeError(`no roll-out ${id}`);
    return rollout;
  };
  return {
    add({ orgId, siteId, imageId, stages, successPercent, maxFailures }) {
      const id = uuid(random);
      db.prepare(
        `INSERT INTO rollouts (id, org_id, site_id, image, stages, success_percent, max_failures, created_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(id, orgId, siteId, imageId, JSON.stringify(stages), successPercent, maxFailures, clock.wallMs());
      return known(id);
    },
    find,
    list: (orgId) =>
      db
        .prepare('SELECT * FROM rollouts WHERE org_id = ? ORDER BY created_ms DESC, id')
        .all(orgId)
        .map(rolloutOf),
    open: () =>
      db.prepare("SELECT * FROM rollouts WHERE state IN ('running', 'paused')").all().map(rolloutOf),
    change(id, change) {
      const { stage, state, reason, forgiven } = { ...known(id), ...change };
      db.prepare('UPDATE rollouts SET stage = ?, state = ?, reason = ?, forgiven = ? WHERE id = ?').run(
        ...[stage, state, reason, forgiven, id],
      );
      return known(id);
    },
    targets: (id) => selectTargets.all(id).map(targetOf),
    setTarget(id, { serial, phase, percent, code, detail }) {
      upsert.run(id, serial, phase, percent, code, detail, clock.wallMs());
    },
    wasOrdered: (serial, imageId) =>
      db
        .prepare('SELECT 1 FROM targets JOIN rollouts ON rollout = id WHERE serial = ? AND image = ? LIMIT 1')
        .get(serial, imageId) !== undefined,
    usesImage: (imageId) =>
      db
        .prepare("SELECT 1 FROM rollouts WHERE image = ? AND state IN ('running', 'paused') LIMIT 1")
        .get(imageId) !== undefined,
    organisations: () =>
      db
        .prepare('SELECT DISTINCT org_id FROM rollouts')
        .all()
        .map(({ org_id: orgId }) => text(orgId)),
    forget(orgId) {
      db.transaction(() => {
        db.prepare('DELETE FROM targets WHERE rollout IN (SELECT id FROM rollouts WHERE org_id = ?)').run(
          orgId,
        );
        db.prepare('DELETE FROM rollouts WHERE org_id = ?').run(orgId);
      });
    },
  };
}

const rolloutOf = (row: Row): Rollout => ({
  id: text(row.id),
  orgId: text(row.org_id),
  siteId: maybeText(row.site_id),
  imageId: text(row.image),
  stages: JSON.parse(text(row.stages)),
  successPercent: number(row.success_percent),
  maxFailures: number(row.max_failures),
  stage: number(row.stage),
  state: ROLLOUT_STATES.find((state) => state === row.state) ?? 'aborted',
  reason: maybeText(row.reason),
  forgiven: number(row.forgiven),
  createdMs: number(row.created_ms),
});

const targetOf = (row: Row): Target => ({
  serial: text(row.serial),
  // Only `setTarget` writes it.
  phase: text(row.phase) as Target['phase'],
  percent: number(row.percent),
  code: maybeText(row.code),
  detail: maybeText(row.detail),
  updatedMs: number(row.updated_ms),
});
