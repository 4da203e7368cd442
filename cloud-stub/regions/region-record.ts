import { AirherdError } from '../../protocol/errors.ts';
import { type Db, maybeText, text } from '../store/database.ts';
import { isRegion, type RegionName } from './regions.ts';

export const REGION_SCHEMA = `
CREATE TABLE region (
  id INTEGER PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL, device_url TEXT, api_url TEXT
);
ALTER TABLE orgs ADD COLUMN country TEXT;
`;

/** Which region a folder is of, and where its listeners are for those who come to the wrong one. */
export interface RegionRecord {
  readonly name: RegionName;
  /** `mqtts://host:port`; null before the region has ever run. */
  readonly deviceUrl: string | null;
  readonly apiUrl: string | null;
  listensAt(urls: { deviceUrl: string; apiUrl: string }): void;
}

/** A folder has one region from its first day on. Throws region-wrong for another. */
export function regionRecord(
  db: Db,
  path: string,
  wanted: RegionName | undefined,
  changed: <T>(work: () => T) => T,
): RegionRecord {
  const select = db.prepare('SELECT name, device_url, api_url FROM region WHERE id = 1');
  const found = select.get();
  if (!found) {
    changed(
      () => void db.prepare('INSERT OR IGNORE INTO region (id, name) VALUES (1, ?)').run(wanted ?? 'global'),
    );
  }
  const stored = text(select.get()?.name);
  const name = isRegion(stored) ? stored : 'global';
  if (wanted !== undefined && wanted !== name) {
    throw new AirherdError('region-wrong', { detail: `${path} is of region ${name}, not ${wanted}` });
  }
  return {
    name,
    get deviceUrl() {
      return maybeText(select.get()?.device_url ?? null);
    },
    get apiUrl() {
      return maybeText(select.get()?.api_url ?? null);
    },
    listensAt({ deviceUrl, apiUrl }) {
      const row = select.get();
      if (row?.device_url === deviceUrl && row.api_url === apiUrl) return;
      changed(
        () =>
          void db
            .prepare('UPDATE region SET device_url = ?, api_url = ? WHERE id = 1')
            .run(deviceUrl, apiUrl),
      );
    },
  };
}
