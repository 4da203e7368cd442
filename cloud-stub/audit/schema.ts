/**
 * The audit log lives in the organisation's own store. Rows are added, never changed; only the oldest go, and
 * only up to where `audit_root` says that they were purged. Values that tell of a person are sealed under a key
 * of that person (`audit_subjects`): without it they are noise, and the chain of hashes is whole all the same.
 */
export const AUDIT_SCHEMA = `
CREATE TABLE audit_root (
  id INTEGER PRIMARY KEY CHECK (id = 1), wrapped BLOB NOT NULL,
  purged_seq INTEGER NOT NULL, purged_hash BLOB NOT NULL, purged_mac BLOB NOT NULL,
  head_seq INTEGER NOT NULL, head_mac BLOB NOT NULL
);
CREATE TABLE audit_subjects (
  id INTEGER PRIMARY KEY AUTOINCREMENT, subject_index BLOB NOT NULL UNIQUE, wrapped BLOB NOT NULL
);
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
  outcome TEXT NOT NULL, site_id TEXT,
  actor_key INTEGER NOT NULL, actor_sealed BLOB NOT NULL,
  detail_key INTEGER NOT NULL, detail_sealed BLOB NOT NULL,
  hash BLOB NOT NULL
);
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_goes_oldest_first BEFORE DELETE ON audit
  WHEN OLD.seq > (SELECT purged_seq FROM audit_root)
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
`;
