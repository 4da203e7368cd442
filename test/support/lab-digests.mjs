/**
 * Digests of the payloads of a lab's devices and streams, as JSON. Run by whatever Node a test names:
 * node lab-digests.mjs <folder of the compiled program> <seed>
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, seed] = process.argv.slice(2);
const { startLab } = await import(pathToFileURL(join(dist, 'testing/index.js')).href);
const lab = await startLab({
  seed: Number(seed),
  aps: 2,
  switches: 1,
  clients: [{ id: 'phone' }, { id: 'tablet', ssid: null }],
});
await lab.client('tablet').join('guest');
await lab.client('phone').walkTo(37, 6);
await lab.cloud.kill();
await lab.clock.advance('20 s');
await lab.cloud.start();
await lab.expect.ledger.balanced({ within: '2 min' });
await lab.clock.advance('2 min');
await lab.expect.ledger.balanced({ within: '2 min' });
const digests = lab.digests();
await lab.stop();
process.stdout.write(JSON.stringify({ version: process.version, digests }));
