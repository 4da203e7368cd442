/**
 * `kept` says for which time a message is kept (message-record.ts); erasures and restrictions name people by
 * blind index only.
 */
export const RETENTION_SCHEMA = `
ALTER TABLE messages ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
UPDATE messages SET kept = CASE stream WHEN 'pcap' THEN 1 WHEN 'rssi' THEN 2 WHEN 'ble' THEN 2 ELSE 0 END;
DROP INDEX messages_by_stream;
CREATE INDEX messages_by_age ON messages (kept, received_ms);
CREATE TABLE tombstones (subject BLOB PRIMARY KEY, erased_ms INTEGER NOT NULL, certificate BLOB NOT NULL)
  WITHOUT ROWID;
CREATE TABLE erased_messages (
  serial TEXT NOT NULL, boot BLOB NOT NULL, stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (serial, boot, stream, seq)
) WITHOUT ROWID;
CREATE TABLE restrictions (subject BLOB PRIMARY KEY, since_ms INTEGER NOT NULL) WITHOUT ROWID;
`;

/** Whoever has gone from where the record has it (a client that left) is not counted among those who are there. */
export const GONE_SCHEMA = `
ALTER TABLE state ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
`;

/** Devices that were away when somebody was erased, and have still to forget. */
export const UNTOLD_SCHEMA = `
CREATE TABLE untold (serial TEXT PRIMARY KEY, erased_ms INTEGER NOT NULL) WITHOUT ROWID;
`;
