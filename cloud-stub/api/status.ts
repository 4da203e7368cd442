import type { RetentionCounts } from '../privacy/retention.ts';
import { UNCLAIMED_ORG } from '../registry/organisations.ts';
import type { PositionRow } from '../store/org-store.ts';
import type { ApiCloud } from './context.ts';

export interface CloudStatus {
  uptimeMs: number;
  devicePort: number;
  store: 'ok' | 'full';
  devices: { manufactured: number; claimed: number; revoked: number; connected: number };
  messages: { stored: number; duplicates: number; withheld: number; commits: number };
  /** What was removed because its time was over, since the start. */
  purged: RetentionCounts;
  refusals: Record<string, number>;
}

export function cloudStatus(cloud: ApiCloud, nowMs: number): CloudStatus {
  const devices = cloud.registry.list();
  const { stored, duplicates, withheld, batches } = cloud.ingest.counts;
  return {
    uptimeMs: nowMs - cloud.startedMs,
    devicePort: cloud.devicePort,
    store: cloud.stores.full ? 'full' : 'ok',
    devices: {
      manufactured: devices.length,
      claimed: devices.filter(({ orgId }) => orgId !== null).length,
      revoked: devices.filter(({ revokedMs }) => revokedMs !== null).length,
      connected: cloud.sessions.size,
    },
    messages: { stored, duplicates, withheld, commits: batches },
    purged: cloud.retention.counts,
    refusals: cloud.refusals.counts(),
  };
}

/** The cloud's side of `produced = stored + dropped`: per device, boot and stream. */
export function ledger(cloud: ApiCloud, serial: string | undefined) {
  const keyOf = (row: PositionRow) => `${row.serial} ${row.bootId.toString('hex')} ${row.stream}`;
  const rows = new Map<string, PositionRow>();
  const orgs = [UNCLAIMED_ORG, ...cloud.registry.organisations.list().map(({ id }) => id)];
  // A stream that went on after the claim is counted whole in the organisation's store, which comes later.
  for (const orgId of orgs) {
    for (const row of cloud.stores.of(orgId).positions.list(serial)) rows.set(keyOf(row), row);
  }
  return [...rows.values()].map(({ bootId, pending, ...row }) => ({
    ...row,
    bootId: bootId.toString('hex'),
    /** Stored or dropped beyond the first hole. */
    aheadOfHole: pending.reduce((sum, [from, to]) => sum + to - from + 1, 0),
  }));
}
