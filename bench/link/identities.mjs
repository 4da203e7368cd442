/** N devices and a server certificate for the link bench, made once per run in memory and kept in one file. */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createAuthority } from '../../dist/certs/authority.js';
import { issueServer } from '../../dist/certs/issue-server.js';
import { manufacture } from '../../dist/certs/manufacture.js';

export async function makeIdentities(folder, count) {
  const nowMs = Date.now();
  const authority = await createAuthority(`${folder}/ca`, { nowMs });
  const server = await issueServer(authority, { names: ['localhost'], ips: ['127.0.0.1'], days: 30, nowMs });
  const identities = await manufacture({
    kind: 'ap',
    count,
    authority,
    nowMs,
    cores: availableParallelism(),
  });
  const file = `${folder}/identities.json`;
  writeFileSync(file, JSON.stringify({ server, identities }), { mode: 0o600 });
  return { file, authority, server, identities };
}

export function readIdentities(file) {
  const { server, identities } = JSON.parse(readFileSync(file, 'utf8'));
  const revive = (identity) => ({
    ...identity,
    factoryKey: Buffer.from(identity.factoryKey),
    certificateSha256: Buffer.from(identity.certificateSha256),
  });
  return { server, identities: identities.map(revive) };
}
