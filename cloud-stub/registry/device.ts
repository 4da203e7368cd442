import { maybeText, number, type Row, text } from '../store/database.ts';

/** A device as the cloud knows it; its keys are asked for on their own (`Registry.keys`). */
export interface DeviceRecord {
  serial: string;
  kind: 'ap' | 'switch';
  model: string;
  /** aa:bb:cc:dd:ee:f0 */
  mac: string;
  /** Null until claimed. */
  orgId: string | null;
  siteId: string | null;
  createdMs: number;
  claimedMs: number | null;
  revokedMs: number | null;
  /** What the customer assigned it to be (device-roles.ts). */
  role: string;
}

const maybeNumber = (value: unknown): number | null => (value === null ? null : number(value));

export const deviceRecord = (row: Row): DeviceRecord => ({
  serial: text(row.serial),
  kind: row.kind === 'switch' ? 'switch' : 'ap',
  model: text(row.model),
  mac: text(row.mac),
  orgId: maybeText(row.org_id),
  siteId: maybeText(row.site_id),
  createdMs: number(row.created_ms),
  claimedMs: maybeNumber(row.claimed_ms),
  revokedMs: maybeNumber(row.revoked_ms),
  role: text(row.role),
});

export const DEVICE_COLUMNS =
  'serial, kind, model, mac, org_id, site_id, created_ms, claimed_ms, revoked_ms, role';
