/**
 * Identities made by `airherd device create`'s factory against bare RSA-4096 signatures, both on all cores, in
 * one run. Ratio to reach: at most 1.5.   npm run bench:identities -- [--count N] [--rounds N]
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

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
    options: { count: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '3' } },
  });
  const count = Number(values.count);
  const rounds = Number(values.rounds);
  const { createAuthority } = await import('../dist/certs/authority.js');
  const { runBatch } = await import('../dist/certs/batch.js');
  const cores = availableParallelism();
  const dir = mkdtempSync(join(tmpdir(), 'airherd-bench-'));
  try {
    const authority = await createAuthority(join(dir, 'ca'), { nowMs: Date.now() });
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 4096 });
    const order = { kind: 'ap', count, keyType: 'p256', model: 'AH-AP-1', days: 3650 };
    const results = [];
    // alternating, so that whatever else the machine does meets both alike
    for (let round = 0; round < rounds; round++) {
      const bare = await bareSignatures(privateKey, count, cores);
      let entered = 0;
      const identities = await measured(() =>
        runBatch({
          order,
          authority,
          devicesDir: join(dir, 'devices'),
          registry: {
            add: async (entries) => {
              entered += entries.length;
            },
          },
          nowMs: Date.now(),
          cores,
        }),
      );
      if (entered !== count) throw new Error(`${entered} of ${count} identities were entered`);
      results.push({ bare, identities });
    }
    report(results, count, cores);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function report(results, count, cores) {
  const median = (pick) => results.map(pick).sort((a, b) => a - b)[Math.floor(results.length / 2)];
  const ratioOf = (unit) => median(({ bare, identities }) => identities[unit] / bare[unit]);
  const ratio = ratioOf('seconds');
  console.log(
    `${count} identities, median of ${results.length} rounds, ${cores} cores (${cpus()[0].model}), Node ${process.version}, load ${loadavg()[0].toFixed(1)}`,
  );
  console.log('');
  console.log('| | seconds | a second | ratio | CPU ms each | ratio |');
  console.log('|---|---|---|---|---|---|');
  const row = (name, pick, ratios) => {
    const seconds = median((result) => pick(result).seconds);
    const cpuMs = (median((result) => pick(result).cpuSeconds) * 1000) / count;
    const [byClock, byCpu] = ratios;
    console.log(
      `| ${name} | ${seconds.toFixed(2)} | ${(count / seconds).toFixed(0)} | ${byClock} | ${cpuMs.toFixed(2)} | ${byCpu} |`,
    );
  };
  row('bare RSA-4096 signatures', ({ bare }) => bare, ['1', '1']);
  row('identities on disk and entered', ({ identities }) => identities, [
    `${ratio.toFixed(2)} (at most 1.5)`,
    ratioOf('cpuSeconds').toFixed(2),
  ]);
  if (ratio > 1.5) process.exitCode = 1;
}
