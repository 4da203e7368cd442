/**
 * One run on one thread, on several threads, and on several processes whose measurements are merged: the same counts,
 * the same percentiles as far as two runs are alike, and what each way costs.
 *   npm run build && npm run bench:fleet-workers -- [--devices N] [--rate R] [--seconds S] [--write]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine, printTable, writeSection } from '../report.mjs';
import { environment, main, makeHome, residentOf, startStub } from './lab.mjs';

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '60' },
    seconds: { type: 'string', default: '20' },
    write: { type: 'boolean', default: false },
  },
});
const devices = Number(values.devices);
const TICK_MS = 10;
const SAMPLE_MS = 250;

/** Processor time of a process so far, milliseconds; null when it has ended. */
function cpuMsOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return null;
  }
}

/** Runs the command lines side by side; what they said, their processor time and most memory, of all together. */
async function together(home, commands) {
  const children = commands.map((args) =>
    spawn(process.execPath, [main, 'fleet', ...args], {
      env: environment(home),
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  const said = children.map(() => '');
  children.forEach((child, i) => {
    child.stdout.on('data', (chunk) => {
      said[i] += chunk;
    });
  });
  const cpuMs = children.map(() => 0);
  let mostBytes = 0;
  const watch = setInterval(() => {
    let bytes = 0;
    children.forEach(({ pid, exitCode }, i) => {
      if (exitCode !== null) return;
      cpuMs[i] = cpuMsOf(pid) ?? cpuMs[i];
      bytes += residentOf(pid) ?? 0;
    });
    mostBytes = Math.max(mostBytes, bytes);
  }, SAMPLE_MS);
  await Promise.all(children.map((child) => once(child, 'close')));
  clearInterval(watch);
  return { said, cpuMs: cpuMs.reduce((sum, of) => sum + of, 0), mostBytes };
}

const runArgs = (stub) => [
  ...['--cloud', `mqtts://127.0.0.1:${stub.devicePort}`, '--devices', String(devices), '--rate', values.rate],
  ...['--for', `${Math.ceil(devices / Number(values.rate)) + Number(values.seconds)}s`, '--seed', '7'],
];

async function threads(home, stub, count) {
  const args = ['run', '--json', ...runArgs(stub), '--workers', String(count)];
  const { said, ...cost } = await together(home, [args]);
  return { report: JSON.parse(said[0]), ...cost };
}

async function processes(home, stub, count) {
  // All are loaded by then; nobody begins before the others.
  const startsAt = new Date(Date.now() + 5_000 + 5 * devices).toISOString();
  const files = Array.from({ length: count }, (_, i) => join(home, `part-${i}.json`));
  const parts = files.map((file, i) => [
    ...['part', ...runArgs(stub), '--index', String(i), '--of', String(count)],
    ...['--starts-at', startsAt, '--out', file],
  ]);
  const { cpuMs, mostBytes } = await together(home, parts);
  const merged = await together(home, [['merge', '--json', ...files]]);
  return { report: JSON.parse(merged.said[0]), cpuMs, mostBytes };
}

const home = mkdtempSync(join(tmpdir(), 'airherd-workers-'));
try {
  await makeHome(home, devices);
  const ways = [
    ['1 thread', threads, 1],
    ['2 threads', threads, 2],
    ['4 threads', threads, 4],
    ['2 processes', processes, 2],
    ['4 processes', processes, 4],
  ];
  const table = [
    ['', 'logins', 'stored', 'lost', 'connect p50 / p99, ms', 'ack p50 / p99, ms', 'CPU ms each', 'KiB each'],
  ];
  for (const [name, run, count] of ways) {
    // Each meets a cloud that has met nobody yet.
    const stub = await startStub(home);
    const { report, cpuMs, mostBytes } = await run(home, stub, count);
    await stub.stop();
    const { counters, latenciesMs } = report;
    const percentiles = ({ p50, p99 }) => `${p50?.toFixed(0)} / ${p99?.toFixed(0)}`;
    table.push([
      name,
      counters.logins,
      counters.acknowledged,
      counters.lost,
      percentiles(latenciesMs.connect),
      percentiles(latenciesMs.ack),
      (cpuMs / devices).toFixed(1),
      (mostBytes / devices / 1024).toFixed(0),
    ]);
  }
  printTable(table);
  if (values.write) {
    writeSection('fleet-workers', {
      title: 'Threads and processes of the fleet',
      command: `npm run build && npm run bench:fleet-workers -- --devices ${devices} --write`,
      about: `${machine()}. ${devices} virtual access points, ${values.rate} logins a second, then ${values.seconds} s of telemetry at a real device's rate, against the stub on the same cores. Processes are \`airherd fleet part\`, joined by \`airherd fleet merge\`. Memory is the most of all together, identities and heaps included.`,
      table,
    });
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
