/** Images are no secret: they lie in the encrypted file in pieces, and nothing of them is sealed beneath. */
const FIRST = `
CREATE TABLE images (
  id TEXT PRIMARY KEY, version TEXT NOT NULL, manifest BLOB NOT NULL, signature BLOB NOT NULL,
  size INTEGER NOT NULL, uploaded_ms INTEGER NOT NULL, complete INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE pieces (
  image TEXT NOT NULL REFERENCES images(id), start INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (image, start)
);
CREATE TABLE rollouts (
  id TEXT PRIMARY KEY, org_id TEXT NOT NULL, site_id TEXT, image TEXT NOT NULL REFERENCES images(id),
  stages TEXT NOT NULL, success_percent INTEGER NOT NULL, max_failures INTEGER NOT NULL,
  stage INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'running', reason TEXT,
  forgiven INTEGER NOT NULL DEFAULT 0, created_ms INTEGER NOT NULL
);
CREATE INDEX rollouts_by_org ON rollouts (org_id, created_ms);
CREATE TABLE targets (
  rollout TEXT NOT NULL REFERENCES rollouts(id), serial TEXT NOT NULL, phase TEXT NOT NULL,
  percent INTEGER NOT NULL, code TEXT, detail TEXT, updated_ms INTEGER NOT NULL, PRIMARY KEY (rollout, serial)
);
CREATE INDEX targets_by_serial ON targets (serial);
`;

/** In the order in which they are applied; append only. */
export const FIRMWARE_MIGRATIONS: readonly string[] = [FIRST];
