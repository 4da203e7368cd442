import type { Clock } from '../../platform/ports/clock.ts';
import type { Random } from '../../platform/ports/random.ts';
import type { CaptureConsent, CaptureConsents } from '../captures/consent.ts';
import { uuid } from '../registry/uuid.ts';
import { blob, type Db, number, type Row, text } from '../store/database.ts';

/** A customer's consent to captures with payload. */
export interface Consent extends CaptureConsent {
  orgId: string;
  /** Who recorded it; names nobody by itself. */
  by: string;
  recordedMs: number;
  withdrawnMs: number | null;
  /** What was to become of what was captured; null while it stands. */
  captured: 'delete' | 'keep' | null;
}

export interface CaptureUnder {
  serial: string;
  captureId: Buffer;
}

export interface Consents extends CaptureConsents {
  record(consent: Pick<Consent, 'orgId' | 'purpose' | 'untilMs' | 'by'>): Consent;
  find(orgId: string, id: string): Consent | null;
  list(orgId: string): Consent[];
  captures(id: string): CaptureUnder[];
  withdraw(orgId: string, id: string, captured: 'delete' | 'keep'): Consent | null;
  /** Whether a part of this capture, with payload, may be stored. */
  mayStore(orgId: string, captureId: Uint8Array): boolean;
}

export const CONSENTS_SCHEMA = `
CREATE TABLE consents (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, purpose TEXT NOT NULL, by TEXT NOT NULL,
  recorded_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, withdrawn_ms INTEGER, captured TEXT
);
CREATE INDEX consents_by_org ON consents (org_id);
CREATE TABLE consent_captures (
  capture BLOB PRIMARY KEY, consent_id TEXT NOT NULL REFERENCES consents(id), serial TEXT NOT NULL
) WITHOUT ROWID;
`;

const consentOf = (row: Row): Consent => ({
  id: text(row.id),
  orgId: text(row.org_id),
  purpose: text(row.purpose),
  by: text(row.by),
  recordedMs: number(row.recorded_ms),
  untilMs: number(row.until_ms),
  withdrawnMs: row.withdrawn_ms === null ? null : number(row.withdrawn_ms),
  captured: row.captured === 'delete' || row.captured === 'keep' ? row.captured : null,
});

export interface ConsentsOptions {
  db: Db;
  random: Random;
  clock: Clock;
  changed<T>(work: () => T): T;
}

export function consents({ db, random, clock, changed }: ConsentsOptions): Consents {
  const select = db.prepare('SELECT * FROM consents WHERE id = ? AND org_id = ?');
  const selectAll = db.prepare('SELECT * FROM consents WHERE org_id = ? ORDER BY recorded_ms, id');
  const selectByCapture = db.prepare(
    `SELECT consents.* FROM consents JOIN consent_captures ON consent_id = id
     WHERE capture = ? AND org_id = ?`,
  );
  const find = (orgId: string, id: string): Consent | null => {
    const row = select.get(id, orgId);
    return row ? consentOf(row) : null;
  };
  const isInForce = ({ withdrawnMs, untilMs }: Consent, nowMs: number) =>
    withdrawnMs === null && nowMs < untilMs;
  const list = (orgId: string) => selectAll.all(orgId).map(consentOf);
  return {
    find,
    list,
    inForce(orgId, id, nowMs) {
      const found = find(orgId, id);
      return found && isInForce(found, nowMs) ? found : null;
    },
    started: (id, serial, captureId) =>
      changed(
        () =>
          void db
            .prepare('INSERT OR IGNORE INTO consent_captures VALUES (?, ?, ?)')
            .run(captureId, id, serial),
      ),
    record: ({ orgId, purpose, untilMs, by }) =>
      changed(() => {
        const id = uuid(random);
        db.prepare(
          'INSERT INTO consents (id, org_id, purpose, by, recorded_ms, until_ms) VALUES (?, ?, ?, ?, ?, ?)',
        ).run(id, orgId, purpose, by, clock.wallMs(), untilMs);
        return consentOf(select.get(id, orgId) ?? {});
      }),
    captures: (id) =>
      db
        .prepare('SELECT capture, serial FROM consent_captures WHERE consent_id = ?')
        .all(id)
        .map((row) => ({ serial: text(row.serial), captureId: blob(row.capture) })),
    withdraw: (orgId, id, captured) =>
      changed(() => {
        db.prepare(
          `UPDATE consents SET withdrawn_ms = ?, captured = ?
           WHERE id = ? AND org_id = ? AND withdrawn_ms IS NULL`,
        ).run(clock.wallMs(), captured, id, orgId);
        return find(orgId, id);
      }),
    mayStore(orgId, captureId) {
      const row = selectByCapture.get(captureId, orgId);
      // What was taken while it stood may still be on its way when it is over.
      if (row) return consentOf(row).captured !== 'delete';
      // A device may be faster with its first part than we with the note that it began.
      const nowMs = clock.wallMs();
      return list(orgId).some((consent) => isInForce(consent, nowMs));
    },
  };
}
