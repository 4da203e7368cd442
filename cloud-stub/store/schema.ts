import { AUDIT_SCHEMA } from '../audit/schema.ts';
import { GONE_SCHEMA, RETENTION_SCHEMA, UNTOLD_SCHEMA } from './schema-retention.ts';

/**
 * One file per organisation. `sealed` columns are AES-256-GCM under the day's data key (keys.ts); MACs are
 * found by keyed blind indexes. What stays readable inside the encrypted file: serials, times, counts, who has gone.
 */
const FIRST = `
CREATE TABLE day_keys (day INTEGER PRIMARY KEY, wrapped BLOB NOT NULL);
CREATE TABLE messages (
  id INTEGER PRIMARY KEY, serial TEXT NOT NULL, site_id TEXT, boot BLOB NOT NULL, stream TEXT NOT NULL,
  seq INTEGER NOT NULL, received_ms INTEGER NOT NULL, day INTEGER NOT NULL, sealed BLOB NOT NULL
);
CREATE INDEX messages_by_stream ON messages (stream, id);
CREATE TABLE positions (
  serial TEXT NOT NULL, boot BLOB NOT NULL, stream TEXT NOT NULL,
  highest INTEGER NOT NULL, pending TEXT NOT NULL, stored INTEGER NOT NULL, dropped INTEGER NOT NULL,
  duplicates INTEGER NOT NULL, updated_ms INTEGER NOT NULL,
  PRIMARY KEY (serial, boot, stream)
) WITHOUT ROWID;
CREATE TABLE state (
  kind TEXT NOT NULL, key BLOB NOT NULL, site_id TEXT, serial TEXT NOT NULL, mac_index BLOB,
  seen_ms INTEGER NOT NULL, day INTEGER NOT NULL, sealed BLOB NOT NULL,
  PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE INDEX state_by_site ON state (kind, site_id);
CREATE INDEX state_by_mac ON state (kind, mac_index);
CREATE TABLE rssi (mac_index BLOB NOT NULL, message_id INTEGER NOT NULL, PRIMARY KEY (mac_index, message_id))
  WITHOUT ROWID;
CREATE TABLE capture_parts (
  capture BLOB NOT NULL, part INTEGER NOT NULL, message_id INTEGER NOT NULL, PRIMARY KEY (capture, part)
) WITHOUT ROWID;
`;

/** In the order in which they are applied; append only. */
export const STORE_MIGRATIONS: readonly string[] = [
  FIRST,
  AUDIT_SCHEMA,
  RETENTION_SCHEMA,
  UNTOLD_SCHEMA,
  GONE_SCHEMA,
];
