/**
 * Configurations of devices, version after version (docs/device-configuration.md). A version is `pending` until the
 * device says what became of it; one that a newer version overtook before that stays so.
 */
import { z } from 'zod';
import type { Clock } from '../../platform/ports/clock.ts';
import { AirherdError } from '../../protocol/errors.ts';
import {
  CONFIGURATION_STATES,
  type Configuration,
  type ConfigurationReport,
  type ConfigurationState,
  DEFAULT_CONFIRM_TIMEOUT_S,
  type DeviceSettings,
  deviceSettings,
} from '../../protocol/messages/configuration.ts';
import { type Db, number, type Row, text } from '../store/database.ts';

export const CONFIGURATIONS_SCHEMA = `
CREATE TABLE device_configurations (
  serial TEXT NOT NULL REFERENCES devices(serial), version INTEGER NOT NULL, settings TEXT NOT NULL,
  confirm_timeout_s INTEGER NOT NULL, created_ms INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending', problems TEXT NOT NULL DEFAULT '[]', reported_ms INTEGER,
  PRIMARY KEY (serial, version)
);
CREATE TABLE running_configurations (
  serial TEXT PRIMARY KEY REFERENCES devices(serial), version INTEGER NOT NULL
);
`;

export interface StoredConfiguration {
  version: number;
  settings: DeviceSettings;
  confirmTimeoutS: number;
  createdMs: number;
  state: ConfigurationState | 'pending';
  /** Why it was refused or rolled back. */
  problems: string[];
  /** When the device said so last; null before. */
  reportedMs: number | null;
}

export interface DeviceConfigurations {
  /** Null while none was ever set. */
  newest(serial: string): StoredConfiguration | null;
  /** Newest first. */
  history(serial: string): StoredConfiguration[];
  find(serial: string, version: number): StoredConfiguration | null;
  /** As the device said last; 0 for its local settings alone. */
  running(serial: string): number;
  /**
   * Reaches the live session like a change of the organisation's settings.
   * @param expected the version that the newest has to be; null for whatever it is. Throws version-conflict.
   */
  set(
    serial: string,
    wanted: Pick<Configuration, 'settings' | 'confirmTimeoutS'>,
    expected: number | null,
  ): StoredConfiguration;
  /** Told again, it changes nothing; what an earlier boot left (`applied`) does not undo how it ended. */
  report(
    serial: string,
    report: Pick<ConfigurationReport, 'version' | 'state' | 'running' | 'problems'>,
  ): void;
}

const stored = (row: Row): StoredConfiguration => ({
  version: number(row.version),
  settings: deviceSettings.parse(JSON.parse(text(row.settings))),
  confirmTimeoutS: number(row.confirm_timeout_s),
  createdMs: number(row.created_ms),
  state: CONFIGURATION_STATES.find((state) => state === row.state) ?? 'pending',
  problems: z.array(z.string()).parse(JSON.parse(text(row.problems))),
  reportedMs: row.reported_ms === null ? null : number(row.reported_ms),
});

export function deviceConfigurations(
  db: Db,
  clock: Clock,
  changed: <T>(work: () => T) => T,
): DeviceConfigurations {
  const select = db.prepare('SELECT * FROM device_configurations WHERE serial = ? ORDER BY version DESC');
  const selectNewest = db.prepare(
    'SELECT * FROM device_configurations WHERE serial = ? ORDER BY version DESC LIMIT 1',
  );
  const selectOne = db.prepare('SELECT * FROM device_configurations WHERE serial = ? AND version = ?');
  const selectRunning = db.prepare('SELECT version FROM running_configurations WHERE serial = ?');
  const insert = db.prepare(
    `INSERT INTO device_configurations (serial, version, settings, confirm_timeout_s, created_ms)
     VALUES (?, ?, ?, ?, ?)`,
  );
  const settle = db.prepare(
    `UPDATE device_configurations SET state = ?1, problems = ?2, reported_ms = ?3
     WHERE serial = ?4 AND version = ?5 AND (state IN ('pending', 'applied') OR ?1 <> 'applied')`,
  );
  const run = db.prepare('INSERT OR REPLACE INTO running_configurations (serial, version) VALUES (?, ?)');

  const newest = (serial: string): StoredConfiguration | null => {
    const row = selectNewest.get(serial);
    return row ? stored(row) : null;
  };
  const find = (serial: string, version: number): StoredConfiguration | null => {
    const row = selectOne.get(serial, version);
    return row ? stored(row) : null;
  };

  return {
    newest,
    find,
    history: (serial) => select.all(serial).map(stored),
    running: (serial) => number(selectRunning.get(serial)?.version ?? 0),
    set: (serial, { settings, confirmTimeoutS }, expected) =>
      changed(() => {
        const before = newest(serial)?.version ?? 0;
        if (expected !== null && expected !== before) {
          throw new AirherdError('version-conflict', {
            what: `configuration of ${serial}`,
            expected,
            before,
          });
        }
        insert.run(serial, before + 1, JSON.stringify(settings), confirmTimeoutS, clock.wallMs());
        return find(serial, before + 1) as StoredConfiguration;
      }),
    report(serial, { version, state, running, problems }) {
      changed(() => {
        settle.run(state, JSON.stringify(problems), clock.wallMs(), serial, version);
        run.run(serial, running);
      });
    },
  };
}

/**
 * Devices of an organisation that is no more begin with no settings of it: what it had set is deleted, and an empty
 * version after it tells them so.
 */
export function emptyConfigurations(db: Db, orgId: string, nowMs: number): void {
  const of = db
    .prepare(
      `SELECT serial, max(version) AS version FROM device_configurations
       WHERE serial IN (SELECT serial FROM devices WHERE org_id = ?) GROUP BY serial`,
    )
    .all(orgId);
  const drop = db.prepare('DELETE FROM device_configurations WHERE serial = ?');
  const insert = db.prepare(
    `INSERT INTO device_configurations (serial, version, settings, confirm_timeout_s, created_ms)
     VALUES (?, ?, '{}', ?, ?)`,
  );
  for (const { serial, version } of of) {
    drop.run(text(serial));
    insert.run(text(serial), number(version) + 1, DEFAULT_CONFIRM_TIMEOUT_S, nowMs);
  }
}
