import type { Clock } from '../../platform/ports/clock.ts';
import { type Db, number, text } from '../store/database.ts';
import { consentedPart, DEFAULT_PORTAL, type PortalSettings, portalSettings } from './settings.ts';

export const PORTAL_SCHEMA = `
CREATE TABLE portals (site_id TEXT PRIMARY KEY REFERENCES sites(id), org_id TEXT NOT NULL, settings TEXT NOT NULL);
CREATE TABLE portal_texts (
  site_id TEXT NOT NULL, version INTEGER NOT NULL, org_id TEXT NOT NULL, since_ms INTEGER NOT NULL,
  shown TEXT NOT NULL, PRIMARY KEY (site_id, version)
) WITHOUT ROWID;
`;

/** The words and fields of one version, as guests were shown them. */
export interface TextVersion {
  version: number;
  sinceMs: number;
  shown: Pick<PortalSettings, 'texts' | 'fields'>;
}

export interface Portal extends PortalSettings {
  siteId: string;
  orgId: string;
  /** Of what guests consent to; 0 before anything was set. */
  version: number;
}

/** Each site's guest portal. */
export interface Portals {
  of(site: { id: string; orgId: string }): Portal;
  enabled(): Portal[];
  /** Texts and fields that changed are a new version; the old ones are kept, since people consented to them. */
  set(site: { id: string; orgId: string }, settings: PortalSettings): Portal;
  texts(siteId: string): TextVersion[];
}

export interface PortalsOptions {
  db: Db;
  clock: Clock;
  changed<T>(work: () => T): T;
}

export function portals({ db, clock, changed }: PortalsOptions): Portals {
  const select = db.prepare('SELECT settings FROM portals WHERE site_id = ?');
  const selectAll = db.prepare('SELECT * FROM portals');
  const selectVersion = db.prepare('SELECT max(version) AS version FROM portal_texts WHERE site_id = ?');
  const selectTexts = db.prepare('SELECT * FROM portal_texts WHERE site_id = ? ORDER BY version');
  const versionOf = (siteId: string) => number(selectVersion.get(siteId)?.version ?? 0);
  const parsed = (stored: unknown) => portalSettings.parse(JSON.parse(text(stored)));
  const of = ({ id, orgId }: { id: string; orgId: string }): Portal => {
    const row = select.get(id);
    return { ...(row ? parsed(row.settings) : DEFAULT_PORTAL), siteId: id, orgId, version: versionOf(id) };
  };
  return {
    of,
    enabled: () =>
      selectAll
        .all()
        .map((row) => ({
          ...parsed(row.settings),
          siteId: text(row.site_id),
          orgId: text(row.org_id),
          version: versionOf(text(row.site_id)),
        }))
        .filter(({ enabled }) => enabled),
    set: (site, settings) =>
      changed(() => {
        const before = of(site);
        db.prepare('INSERT OR REPLACE INTO portals (site_id, org_id, settings) VALUES (?, ?, ?)').run(
          site.id,
          site.orgId,
          JSON.stringify(settings),
        );
        if (before.version === 0 || consentedPart(before) !== consentedPart(settings)) {
          db.prepare('INSERT INTO portal_texts VALUES (?, ?, ?, ?, ?)').run(
            site.id,
            before.version + 1,
            site.orgId,
            clock.wallMs(),
            consentedPart(settings),
          );
        }
        return of(site);
      }),
    texts: (siteId) =>
      selectTexts.all(siteId).map((row) => ({
        version: number(row.version),
        sinceMs: number(row.since_ms),
        shown: JSON.parse(text(row.shown)),
      })),
  };
}
