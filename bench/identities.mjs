/**
 * Identities made by `airherd device create`'s factory against bare RSA-4096 signatures, both on all cores, and
 * loaded again from their folders and from one pack, in one run.   npm run bench:identities -- [--count N] [--rounds N] [--write]
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { machine, median, printTable, writeSection } from './report.mjs';

/** Ratio by the clock that must not be exceeded. */
const LIMIT = 1.5;

if (isMainThread) await main();
else signAll();

/** The floor: nothing but signatures over 400 bytes, the length of a certificate's signed part. */
function signAll() {
  const message = Buffer.alloc(400, 0x30);
  for (let index = 0; index < workerData.count; index++) sign('sha256', message, workerData.key);
  parentPort.postMessage('done');
}

async function bareSignatures(key, count, cores) {
  const share = Array.from({ length: cores }, (_, core) => Math.floor((count + core) / cores));
  return measured(() =>
    Promise.all(
      share.map(
        (part) =>
          new Promise((resolve, reject) => {
            const worker = new Worker(new URL(import.meta.url), { workerData: { key, count: part } });
            worker.on('error', reject).on('exit', resolve);
          }),
      ),
    ),
  );
}

/** Seconds by the clock, and of all threads' processor time: the second is hardly moved by other load. */
async function measured(work) {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - startMs) / 1000, cpuSeconds: (user + system) / 1e6 };
}

async function main() {
  const { values } = parseArgs({
    options: {
      write: { type: 'boolean', default: false },
      count: { type: 'string', default: '1000' },
      rounds: { type: 'string', default: '3' },
    },
  });
  const count = Number(values.count);
  const rounds = Number(values.rounds);
  const { createAuthority } = await import('../dist/certs/authority.js');
  const { runBatch } = await import('../dist/certs/batch.js');
  const { openRegistry } = await import('../dist/cloud-stub/registry/registry.js');
  const { nodeClock } = await import('../dist/platform/node/clock.js');
  const { nodeRandom } = await import('../dist/platform/node/random.js');
  const cores = availableParallelism();
  const dir = mkdtempSync(join(tmpdir(), 'airherd-bench-'));
  try {
    const authority = await createAuthority(join(dir, 'ca'), { nowMs: Date.now() });
    const registry = openRegistry(join(dir, 'cloud'), { random: nodeRandom, clock: nodeClock });
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 4096 });
    const order = { kind: 'ap', count, keyType: 'p256', model: 'AH-AP-1', days: 3650 };
    const results = [];
    // alternating, so that whatever else the machine does meets both alike
    for (let round = 0; round < rounds; round++) {
      const bare = await bareSignatures(privateKey, count, cores);
      const identities = await measured(() =>
        runBatch({ order, authority, devicesDir: join(dir, 'devices'), registry, nowMs: Date.now(), cores }),
      );
      results.push({ bare, identities });
    }
    const loads = await loading(join(dir, 'devices'), join(dir, 'fleet.pack'), count, rounds);
    const entered = registry.list().length;
    registry.close();
    if (entered !== count * rounds) throw new Error(`${entered} of ${count * rounds} were entered`);
    report(results, count, values);
    reportLoading(loads, count, values);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function report(results, count, { rounds, write }) {
  const pick = (side, unit) => median(results.map((result) => result[side][unit]));
  const ratioOf = (unit) => median(results.map(({ bare, identities }) => identities[unit] / bare[unit]));
  const row = (name, side, ratios) => [
    name,
    pick(side, 'seconds').toFixed(2),
    (count / pick(side, 'seconds')).toFixed(0),
    ratios[0],
    ((pick(side, 'cpuSeconds') * 1000) / count).toFixed(2),
    ratios[1],
  ];
  const ratio = ratioOf('seconds');
  const table = [
    ['', 'seconds', 'a second', 'ratio', 'CPU ms each', 'ratio'],
    row('bare RSA-4096 signatures', 'bare', ['1', '1']),
    row('identities on disk and in the registry', 'identities', [
      ratio.toFixed(2),
      ratioOf('cpuSeconds').toFixed(2),
    ]),
  ];
  printTable(table);
  if (write) {
    writeSection('identities', {
      title: 'Identities',
      command: `npm run build && npm run bench:identities -- --count ${count} --rounds ${rounds} --write`,
      about: `${machine()}, load ${loadavg()[0].toFixed(1)}. ${count} identities with ECDSA P-256 keys, certificates signed with RSA 4096, each in its file and entered in the encrypted registry, against as many bare RSA-4096 signatures, both on all cores, in turn; medians of ${rounds} rounds. To reach: a ratio of at most ${LIMIT} by the clock. Processor time is of all threads: other load on the machine hardly moves it.`,
      table,
    });
  }
  if (ratio > LIMIT) process.exitCode = 1;
}

/** All identities of one batch from folders, from a pack by key file, and the pack's index alone; in turn. */
async function loading(devicesDir, path, count, rounds) {
  const { loadIdentity } = await import('../dist/certs/identity.js');
  const { listSerials } = await import('../dist/certs/place-identity.js');
  const { PackWriter } = await import('../dist/certs/pack/write.js');
  const { Pack } = await import('../dist/certs/pack/read.js');
  const secret = { keyFile: Buffer.alloc(32, 1) };
  const serials = listSerials(devicesDir).slice(0, count);
  const writer = await PackWriter.create(path, secret);
  for (const serial of serials) await writer.add([await loadIdentity(join(devicesDir, serial))]);
  await writer.finish();
  const results = [];
  for (let round = 0; round < rounds; round++) {
    const folders = await measured(async () => {
      for (const serial of serials) await loadIdentity(join(devicesDir, serial));
    });
    let pack;
    const index = await measured(async () => {
      pack = await Pack.open(path, secret);
    });
    const packed = await measured(async () => {
      for (const serial of serials) await pack.identity(serial);
    });
    await pack.close();
    results.push({ folders, index, packed });
  }
  return results;
}

function reportLoading(results, count, { rounds, write }) {
  const pick = (side, unit) => median(results.map((result) => result[side][unit]));
  const row = (name, side) => [
    name,
    (pick(side, 'seconds') * 1000).toFixed(1),
    ((pick(side, 'seconds') * 1e6) / count).toFixed(0),
    ((pick(side, 'cpuSeconds') * 1e6) / count).toFixed(0),
    median(results.map((result) => result[side].cpuSeconds / result.folders.cpuSeconds)).toFixed(3),
  ];
  const table = [
    ['', 'ms', 'us each', 'CPU us each', 'CPU ratio'],
    row('from folders', 'folders'),
    row("a pack's index", 'index'),
    row('from the pack', 'packed'),
  ];
  printTable(table);
  if (write) {
    writeSection('identities-load', {
      title: 'Loading identities',
      command: `npm run build && npm run bench:identities -- --count ${count} --rounds ${rounds} --write`,
      about: `${machine()}, load ${loadavg()[0].toFixed(1)}. ${count} identities read back: from a folder each (parsed and checked: key against certificate), and from one encrypted pack (authenticated, so that nothing is checked again), whose index is read first; in turn, medians of ${rounds} rounds.`,
      table,
    });
  }
}
