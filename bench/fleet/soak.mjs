/**
 * Memory of fleet and stub over time: flat within 2 %, from the time when caches and tables are full.
 *   npm run build && npm run soak:fleet -- [--devices N] [--minutes M] [--telemetry R]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median, printTable } from '../report.mjs';
import { makeHome, residentOf, startFleet, startStub } from './lab.mjs';

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '500' },
    minutes: { type: 'string', default: '60' },
    telemetry: { type: 'string', default: '1' },
  },
});
const devices = Number(values.devices);
const minutes = Number(values.minutes);
const SAMPLE_MS = 5_000;

const home = mkdtempSync(join(tmpdir(), 'airherd-soak-'));
try {
  await makeHome(home, devices);
  const stub = await startStub(home);
  const run = startFleet(home, [
    ...['--cloud', `mqtts://127.0.0.1:${stub.devicePort}`, '--devices', String(devices), '--rate', '50'],
    ...['--for', `${minutes}m`, '--telemetry', values.telemetry, '--workers', '2'],
  ]);
  const samples = [];
  const watch = setInterval(() => {
    const sample = { fleet: residentOf(run.child.pid), stub: residentOf(stub.pid) };
    if (sample.fleet !== null && sample.stub !== null) samples.push(sample);
  }, SAMPLE_MS);
  run.child.once('exit', () => clearInterval(watch));
  const { counters, outcome } = await run.report;
  clearInterval(watch);
  await stub.stop();
  // Ten slices of the run; of each the median, so that one collection of garbage decides nothing.
  const slices = Array.from({ length: 10 }, (_, i) =>
    samples.slice(Math.floor((i * samples.length) / 10), Math.floor(((i + 1) * samples.length) / 10)),
  );
  const of = (key) => slices.map((slice) => median(slice.map((sample) => sample[key])));
  const mib = (bytes) => (bytes / 2 ** 20).toFixed(1);
  printTable([
    ['', ...slices.map((_, i) => `${((i + 0.5) * minutes) / 10} min`)],
    ['fleet, MiB', ...of('fleet').map(mib)],
    ['stub, MiB', ...of('stub').map(mib)],
  ]);
  const growth = (key) => of(key)[9] / of(key)[4] - 1;
  const percent = (share) => `${(share * 100).toFixed(1)} %`;
  console.log(`second half: fleet ${percent(growth('fleet'))}, stub ${percent(growth('stub'))}`);
  console.log(
    `${outcome}: ${counters.produced} produced, ${counters.acknowledged} stored, ${counters.lost} lost`,
  );
  process.exitCode = Math.abs(growth('fleet')) <= 0.02 ? 0 : 1;
} finally {
  rmSync(home, { recursive: true, force: true });
}
