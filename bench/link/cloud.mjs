/** The cloud stub with the bench's devices claimed, in a process of its own. */
import { loadAuthority } from '../../dist/certs/authority.js';
import { registryEntryOf } from '../../dist/certs/registry-entry.js';
import { startCloud } from '../../dist/cloud-stub/index.js';
import { nodeClock } from '../../dist/platform/node/clock.js';
import { nodeListener } from '../../dist/platform/node/listen.js';
import { nodeRandom } from '../../dist/platform/node/random.js';
import { readIdentities } from './identities.mjs';

const [file, folder] = process.argv.slice(2);
const { identities } = readIdentities(file);
const cloud = await startCloud({
  dir: `${folder}/cloud`,
  authority: await loadAuthority(`${folder}/ca`),
  listener: nodeListener,
  clock: nodeClock,
  random: nodeRandom,
  limits: { connectionsPerAddress: identities.length + 100 },
});
const { organisations } = cloud.registry;
const org = organisations.ensure('bench');
const site = organisations.ensureSite(org.id, 'bench');
await cloud.registry.add(identities.map(registryEntryOf));
for (const { serial } of identities) cloud.registry.claim({ serial, orgId: org.id, siteId: site.id });
process.send({ port: cloud.devicePort });
process.on('disconnect', () => process.exit(0));
