import { AirherdError } from '../../protocol/errors.ts';
import { type Db, text } from '../store/database.ts';
import {
  changed as applied,
  conflict,
  DEFAULT_SETTINGS,
  type PrivacyChange,
  type PrivacySettings,
  privacySettings,
} from './settings.ts';

/** Organisations' privacy settings, in the registry. */
export interface SettingsStore {
  of(orgId: string): PrivacySettings;
  /** Counts the organisation's config version up. Throws settings-conflict. */
  change(orgId: string, change: PrivacyChange): PrivacySettings;
}

export const SETTINGS_SCHEMA = `
CREATE TABLE org_privacy (org_id TEXT PRIMARY KEY REFERENCES orgs(id), settings TEXT NOT NULL);
`;

export function settingsStore(db: Db, changed: <T>(work: () => T) => T): SettingsStore {
  const select = db.prepare('SELECT settings FROM org_privacy WHERE org_id = ?');
  const upsert = db.prepare('INSERT OR REPLACE INTO org_privacy (org_id, settings) VALUES (?, ?)');
  const count = db.prepare('UPDATE orgs SET config_version = config_version + 1 WHERE id = ?');
  const of = (orgId: string): PrivacySettings => {
    const row = select.get(orgId);
    return row ? privacySettings.parse(JSON.parse(text(row.settings))) : DEFAULT_SETTINGS;
  };
  return {
    of,
    change: (orgId, change) =>
      changed(() => {
        const next = applied(of(orgId), change);
        const detail = conflict(next);
        if (detail !== null) throw new AirherdError('settings-conflict', { detail });
        upsert.run(orgId, JSON.stringify(next));
        count.run(orgId);
        return next;
      }),
  };
}
