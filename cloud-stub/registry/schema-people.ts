/**
 * People, roles, tokens that are scoped, support access, device roles. Names, e-mail addresses and TOTP secrets
 * are wrapped like keys are; people are found by a blind index of their address.
 */
export const PEOPLE_SCHEMA = `
ALTER TABLE orgs ADD COLUMN allow_support INTEGER NOT NULL DEFAULT 1;
ALTER TABLE orgs ADD COLUMN support_until_ms INTEGER;
ALTER TABLE orgs ADD COLUMN session_minutes INTEGER NOT NULL DEFAULT 1440;
ALTER TABLE devices ADD COLUMN role TEXT NOT NULL DEFAULT 'full';
CREATE TABLE users (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, email_index BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL,
  password_hash TEXT NOT NULL, password_ms INTEGER NOT NULL, totp BLOB, totp_on INTEGER NOT NULL DEFAULT 0,
  totp_step INTEGER NOT NULL DEFAULT 0, created_ms INTEGER NOT NULL
);
CREATE TABLE privileges (
  user_id TEXT NOT NULL REFERENCES users(id), scope TEXT NOT NULL, role TEXT NOT NULL,
  org_id TEXT REFERENCES orgs(id), site_id TEXT REFERENCES sites(id),
  UNIQUE (user_id, scope, org_id, site_id)
);
CREATE INDEX privileges_by_org ON privileges (org_id);
ALTER TABLE tokens ADD COLUMN id TEXT;
ALTER TABLE tokens ADD COLUMN org_id TEXT REFERENCES orgs(id);
ALTER TABLE tokens ADD COLUMN user_id TEXT REFERENCES users(id);
ALTER TABLE tokens ADD COLUMN privileges TEXT NOT NULL DEFAULT '[]';
ALTER TABLE tokens ADD COLUMN networks TEXT NOT NULL DEFAULT '[]';
ALTER TABLE tokens ADD COLUMN expires_ms INTEGER;
ALTER TABLE tokens ADD COLUMN last_used_ms INTEGER;
ALTER TABLE tokens ADD COLUMN created_by TEXT;
UPDATE tokens SET id = lower(hex(randomblob(16))), privileges = '[{"scope":"all","role":"admin"}]';
CREATE UNIQUE INDEX tokens_by_id ON tokens (id);
`;
