import type { Clock } from '../../platform/ports/clock.ts';
import type { Random } from '../../platform/ports/random.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { DEFAULT_PRIVACY_CLASSES, PRIVACY_CLASSES, type PrivacyClass } from '../../protocol/privacy.ts';
import { type RegionName, regionRequired } from '../regions/regions.ts';
import { blob, type Db, isConstraint, maybeText, number, type Row, text } from '../store/database.ts';
import { associated, KEY_LENGTH, seal, unseal } from '../store/seal.ts';
import { emptyConfigurations } from './device-configurations.ts';
import { uuid } from './uuid.ts';

/** Holds what devices say before anyone has claimed them. Never shown as an organisation. */
export const UNCLAIMED_ORG = '00000000-0000-0000-0000-000000000000';

export interface Organisation {
  id: string;
  name: string;
  /** Classes that its devices may send. */
  privacyClasses: PrivacyClass[];
  /** Counts up with each change of the settings. */
  configVersion: number;
  /** The vendor's staff may look in: without an end, or until `supportUntilMs`. */
  allowSupport: boolean;
  supportUntilMs: number | null;
  /** How long people stay signed in. */
  sessionMinutes: number;
  /** Of its address, ISO 3166-1 alpha-2; null where it gave none. */
  country: string | null;
  createdMs: number;
}

export interface Site {
  id: string;
  orgId: string;
  name: string;
  createdMs: number;
}

export interface Organisations {
  list(): Organisation[];
  /** Throws claim-refused when there is none. */
  known(id: string): Organisation;
  /**
   * The organisation of that name, made when there is none. Throws region-wrong when an address in `country` is to
   * be hosted in another region; nothing is written then.
   */
  ensure(name: string, country?: string | null): Organisation;
  find(id: string): Organisation | null;
  named(name: string): Organisation | null;
  /** Throws region-wrong. */
  setCountry(orgId: string, country: string | null): Organisation;
  ensureSite(orgId: string, name: string): Site;
  sites(orgId: string): Site[];
  site(id: string): Site | null;
  /** Throws name-taken. */
  rename(orgId: string, name: string): Organisation;
  renameSite(siteId: string, name: string): Site;
  setSupport(orgId: string, allow: boolean, untilMs: number | null): Organisation;
  setSessionMinutes(orgId: string, minutes: number): Organisation;
  setPrivacyClasses(orgId: string, classes: readonly PrivacyClass[]): Organisation;
  /** Removes the organisation, its key above all: what was sealed under it is noise. Its devices are free again. */
  destroy(orgId: string): void;
  /** Ids of all that have a store: also of what nobody has claimed. */
  withStores(): string[];
  destroyed(): { id: string; destroyedMs: number }[];
  /** The organisation's own key, 32 bytes. Without it its store is noise. */
  key(orgId: string): Buffer;
}

export interface OrganisationsOptions {
  db: Db;
  /** Wraps organisations' keys. */
  wrap: Buffer;
  random: Random;
  clock: Clock;
  path: string;
  /** Of the folder. */
  region: RegionName;
  changed<T>(work: () => T): T;
}

const classesOf = (stored: unknown): PrivacyClass[] => {
  const names = text(stored).split(',');
  return PRIVACY_CLASSES.filter((name) => names.includes(name));
};

const organisation = (row: Row): Organisation => ({
  id: text(row.id),
  name: text(row.name),
  privacyClasses: classesOf(row.privacy_classes),
  configVersion: number(row.config_version),
  allowSupport: number(row.allow_support) === 1,
  supportUntilMs: row.support_until_ms === null ? null : number(row.support_until_ms),
  sessionMinutes: number(row.session_minutes),
  country: maybeText(row.country),
  createdMs: number(row.created_ms),
});

const siteOf = (row: Row): Site => ({
  id: text(row.id),
  orgId: text(row.org_id),
  name: text(row.name),
  createdMs: number(row.created_ms),
});

export function organisations({
  db,
  wrap,
  random,
  clock,
  path,
  region,
  changed,
}: OrganisationsOptions): Organisations {
  const insert = db.prepare(
    `INSERT OR IGNORE INTO orgs (id, name, wrapped_key, privacy_classes, created_ms) VALUES (?, ?, ?, ?, ?)`,
  );
  const select = db.prepare('SELECT * FROM orgs WHERE id = ?');
  const selectByName = db.prepare('SELECT * FROM orgs WHERE name = ? AND id <> ?');
  const selectSite = db.prepare('SELECT * FROM sites WHERE id = ?');
  const selectSiteByName = db.prepare('SELECT * FROM sites WHERE org_id = ? AND name = ?');
  const insertSite = db.prepare('INSERT INTO sites (id, org_id, name, created_ms) VALUES (?, ?, ?, ?)');
  const updateClasses = db.prepare(
    'UPDATE orgs SET privacy_classes = ?, config_version = config_version + 1 WHERE id = ?',
  );

  const updateCountry = db.prepare('UPDATE orgs SET country = ? WHERE id = ?');
  const create = (id: string, name: string, classes: readonly PrivacyClass[]) => {
    const wrapped = seal(random, wrap, random.bytes(KEY_LENGTH), associated('organisation', id));
    insert.run(id, name, wrapped, classes.join(','), clock.wallMs());
  };
  if (!select.get(UNCLAIMED_ORG)) changed(() => create(UNCLAIMED_ORG, 'unclaimed', ['device']));

  const find = (id: string): Organisation | null => {
    const row = select.get(id);
    return row ? organisation(row) : null;
  };
  const known = (id: string): Organisation => {
    const found = find(id);
    if (!found) throw new AirherdError('claim-refused', { detail: `there is no organisation ${id}` });
    return found;
  };

  const named = (name: string): Organisation | null => {
    const row = selectByName.get(name, UNCLAIMED_ORG);
    return row ? organisation(row) : null;
  };
  const mayBeHere = (name: string, country: string | null): void => {
    const required = regionRequired(country);
    if (required === null || required === region) return;
    throw new AirherdError('region-wrong', {
      detail: `${name} has its address in ${country}: it is hosted in region ${required}, not in ${region}`,
    });
  };

  return {
    list: () =>
      db.prepare('SELECT * FROM orgs WHERE id <> ? ORDER BY name').all(UNCLAIMED_ORG).map(organisation),
    find,
    known,
    named,
    ensure(name, country = null) {
      mayBeHere(name, country);
      return changed(() => {
        const found = named(name);
        if (found && (country === null || found.country === country)) return found;
        const id = found?.id ?? uuid(random);
        if (!found) create(id, name, DEFAULT_PRIVACY_CLASSES);
        updateCountry.run(country, id);
        return known(id);
      });
    },
    setCountry(orgId, country) {
      mayBeHere(known(orgId).name, country);
      return changed(() => {
        updateCountry.run(country, orgId);
        return known(orgId);
      });
    },
    ensureSite(orgId, name) {
      return changed(() => {
        known(orgId);
        if (!selectSiteByName.get(orgId, name)) insertSite.run(uuid(random), orgId, name, clock.wallMs());
        return siteOf(selectSiteByName.get(orgId, name) ?? {});
      });
    },
    sites: (orgId) => db.prepare('SELECT * FROM sites WHERE org_id = ? ORDER BY name').all(orgId).map(siteOf),
    site(id) {
      const row = selectSite.get(id);
      return row ? siteOf(row) : null;
    },
    rename: (orgId, name) =>
      changed(() => {
        const other = selectByName.get(name, UNCLAIMED_ORG);
        if (other && other.id !== orgId) throw new AirherdError('name-taken', { name });
        db.prepare('UPDATE orgs SET name = ? WHERE id = ?').run(name, orgId);
        return known(orgId);
      }),
    renameSite: (siteId, name) =>
      changed(() => {
        try {
          db.prepare('UPDATE sites SET name = ? WHERE id = ?').run(name, siteId);
        } catch (error) {
          if (isConstraint(error)) throw new AirherdError('name-taken', { name }, { cause: error });
          throw error;
        }
        return siteOf(selectSite.get(siteId) ?? {});
      }),
    setSupport: (orgId, allow, untilMs) =>
      changed(() => {
        db.prepare('UPDATE orgs SET allow_support = ?, support_until_ms = ? WHERE id = ?').run(
          allow ? 1 : 0,
          untilMs,
          orgId,
        );
        return known(orgId);
      }),
    setSessionMinutes: (orgId, minutes) =>
      changed(() => {
        db.prepare('UPDATE orgs SET session_minutes = ? WHERE id = ?').run(minutes, orgId);
        return known(orgId);
      }),
    setPrivacyClasses: (orgId, classes) =>
      changed(() => {
        updateClasses.run(classes.join(','), orgId);
        return known(orgId);
      }),
    destroy: (orgId) =>
      changed(() => {
        known(orgId);
        emptyConfigurations(db, orgId, clock.wallMs());
        db.prepare(
          'UPDATE devices SET org_id = NULL, site_id = NULL, claimed_ms = NULL WHERE org_id = ?',
        ).run(orgId);
        for (const table of [
          'privileges',
          'tokens',
          'portal_texts',
          'portals',
          'sites',
          'org_privacy',
          'org_keys',
        ]) {
          db.prepare(`DELETE FROM ${table} WHERE org_id = ?`).run(orgId);
        }
        db.prepare('DELETE FROM orgs WHERE id = ?').run(orgId);
        db.prepare('INSERT INTO destroyed_orgs (id, destroyed_ms) VALUES (?, ?)').run(orgId, clock.wallMs());
      }),
    withStores: () =>
      db
        .prepare('SELECT id FROM orgs')
        .all()
        .map((row) => text(row.id)),
    destroyed: () =>
      db
        .prepare('SELECT * FROM destroyed_orgs')
        .all()
        .map((row) => ({ id: text(row.id), destroyedMs: number(row.destroyed_ms) })),
    key(orgId) {
      const row = select.get(orgId);
      const key = row && unseal(wrap, blob(row.wrapped_key), associated('organisation', orgId));
      if (!key)
        throw new AirherdError('store-damaged', { path, detail: `the key of ${orgId} does not open` });
      return key;
    },
  };
}
