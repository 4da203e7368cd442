/**
 * The fleet's own devices in one process: real agents with both proofs.
 *   node --expose-gc devices.mjs PORT DEVICES-FOLDER FROM TO RATE SECONDS [PROOF]
 * Starts FROM to TO, 32 logins at a time; waits SECONDS at RATE times a real device's telemetry; reports as the
 * bare clients do (own-contexts.mjs).
 */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadIdentity } from '../../dist/certs/identity.js';
import { leanIdentities, parseFleetConfig } from '../../dist/fleet/index.js';
import { Metrics } from '../../dist/fleet/metrics/metrics.js';
import { VirtualDevice } from '../../dist/fleet/virtual-device.js';
import { sharedContexts } from '../../dist/platform/node/client-contexts.js';
import { nodeClock } from '../../dist/platform/node/clock.js';
import { createDialer } from '../../dist/platform/node/dial.js';
import { nodeRandom } from '../../dist/platform/node/random.js';
import { residentBytes } from './resident.mjs';

const [port, folder, from, to, rate, seconds, proof = 'exporter'] = process.argv.slice(2);
const lean = leanIdentities();
const serials = readdirSync(folder).sort().slice(Number(from), Number(to));
const config = parseFleetConfig(
  {
    cloud: `mqtts://127.0.0.1:${port}`,
    serverName: 'localhost',
    devices: serials.length,
    shape: { kind: 'ramp', rate: 100_000 },
    target: { proof },
    telemetry: { rate: Number(rate) },
    timeout: '60s',
  },
  'bench',
);
const metrics = new Metrics();
const dialer = createDialer(sharedContexts());
const platform = { clock: nodeClock, random: nodeRandom, dialer };
const identities = [];
for (const serial of serials) identities.push(lean(await loadIdentity(join(folder, serial))));
const CONCURRENCY = 32;
const devices = [];

async function connectAll(some, first) {
  const goal = metrics.counters.reached + some.length;
  let next = 0;
  const startMore = async () => {
    while (next < some.length && first + next - metrics.counters.reached < CONCURRENCY) {
      const identity = some[next++];
      const index = first + next - 1;
      const place = { index, startAtMs: nodeClock.monoMs(), localAddress: undefined, link: null };
      const device = new VirtualDevice(identity, config, platform, metrics, place);
      devices.push(device);
      await device.start(nodeClock.monoMs());
    }
  };
  while (metrics.counters.reached < goal) {
    await startMore();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const spell = () => new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
// What the first cost is the process's own.
const warm = identities.length >> 2;
await connectAll(identities.slice(0, warm), 0);
await spell();
const before = await residentBytes();
process.send({ ready: true });
await once(process, 'message');
const startMs = performance.now();
const cpu = process.cpuUsage();
await connectAll(identities.slice(warm), warm);
const took = (performance.now() - startMs) / 1000;
const { user, system } = process.cpuUsage(cpu);
const count = identities.length - warm;
await spell();
const bytesEach = ((await residentBytes()) - before) / count;
process.send({ count, seconds: took, cpuMsEach: (user + system) / 1000 / count, bytesEach });
await once(process, 'message');
process.exit(0);
