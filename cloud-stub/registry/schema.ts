import { PORTAL_SCHEMA } from '../portal/portals.ts';
import { CONSENTS_SCHEMA } from '../privacy/consents.ts';
import { SETTINGS_SCHEMA } from '../privacy/settings-store.ts';
import { REGION_SCHEMA } from '../regions/region-record.ts';
import { BACKUPS_SCHEMA } from './backups.ts';
import { CONFIGURATIONS_SCHEMA } from './device-configurations.ts';
import { ORG_KEYS_SCHEMA } from './org-key-rotation.ts';
import { PEOPLE_SCHEMA } from './schema-people.ts';

/** Keys are wrapped (AES-256-GCM under the master key), claim codes and tokens are only known by their hash. */
const FIRST = `
CREATE TABLE orgs (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, wrapped_key BLOB NOT NULL,
  privacy_classes TEXT NOT NULL, config_version INTEGER NOT NULL DEFAULT 1, created_ms INTEGER NOT NULL
);
CREATE TABLE sites (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL REFERENCES orgs(id), name TEXT NOT NULL, created_ms INTEGER NOT NULL,
  UNIQUE (org_id, name)
);
CREATE TABLE devices (
  serial TEXT PRIMARY KEY, kind TEXT NOT NULL, model TEXT NOT NULL, mac TEXT NOT NULL,
  claim_hash BLOB NOT NULL UNIQUE, device_key BLOB NOT NULL, cloud_key BLOB NOT NULL,
  org_id TEXT REFERENCES orgs(id), site_id TEXT REFERENCES sites(id),
  created_ms INTEGER NOT NULL, claimed_ms INTEGER, revoked_ms INTEGER
);
CREATE INDEX devices_by_org ON devices (org_id, site_id);
CREATE TABLE certificates (
  sha256 BLOB PRIMARY KEY, serial TEXT NOT NULL REFERENCES devices(serial), issue INTEGER NOT NULL,
  not_after_ms INTEGER NOT NULL
);
CREATE INDEX certificates_by_serial ON certificates (serial);
CREATE TABLE tokens (hash BLOB PRIMARY KEY, name TEXT NOT NULL, created_ms INTEGER NOT NULL);
CREATE TABLE events (
  id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, serial TEXT NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL
);
`;

/** How often a device's factory key was rotated, and the wrapped keys of a rotation under way. */
const KEY_ROTATIONS = `
CREATE TABLE key_rotations (
  serial TEXT PRIMARY KEY REFERENCES devices(serial), generation INTEGER NOT NULL, device_key BLOB, cloud_key BLOB
);
`;

/** In the order in which they are applied; append only. */
export const REGISTRY_MIGRATIONS: readonly string[] = [
  FIRST,
  PEOPLE_SCHEMA,
  KEY_ROTATIONS,
  SETTINGS_SCHEMA,
  ORG_KEYS_SCHEMA,
  CONSENTS_SCHEMA,
  REGION_SCHEMA,
  PORTAL_SCHEMA,
  BACKUPS_SCHEMA,
  CONFIGURATIONS_SCHEMA,
];
