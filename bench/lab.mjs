/**
 * Labs of `airherd/testing`: how long one takes to start, and what a day of virtual time costs.
 *   npm run bench:lab -- [--rounds 30] [--hours 24] [--write]
 * `--write` puts the table into docs/benchmarks.md. Identities are made before, as by the first lab of a machine.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startLab } from '../dist/testing/index.js';
import { startBare } from './lab/bare.mjs';
import { machine, median, printTable, writeSection } from './report.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '30' },
    hours: { type: 'string', default: '24' },
    write: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const WARM_UP = 5;

/** The cloud, an access point and a switch; resolves when both are logged in. */
async function startOne() {
  const lab = await startLab({ switches: 1 });
  for (const { id, state } of [...lab.aps, ...lab.switches])
    if (state !== 'open') throw new Error(`${id} is ${state}`);
  return () => lab.stop();
}

/** Milliseconds by the clock and of the processor until it has started. */
async function once(start) {
  const fromMs = performance.now();
  const before = process.cpuUsage();
  const stop = await start();
  const ms = performance.now() - fromMs;
  const { user, system } = process.cpuUsage(before);
  await stop();
  return { ms, cpuMs: (user + system) / 1000 };
}

/** In turns, the first ones left out. */
async function starts() {
  const ours = [];
  const theirs = [];
  for (let round = 0; round < WARM_UP + rounds; round++) {
    const of = await once(startOne);
    const beside = await once(startBare);
    if (round < WARM_UP) continue;
    ours.push(of);
    theirs.push(beside);
  }
  const by = (key, all) => median(all.map((one) => one[key]));
  const row = (name, key, toReach) => {
    const [a, b] = [by(key, ours), by(key, theirs)];
    return [name, `${a.toFixed(0)} ms`, `${b.toFixed(0)} ms`, (a / b).toFixed(2), toReach];
  };
  return [row('start', 'ms', '< 300 ms'), row('start, processor time of this process', 'cpuMs', '')];
}

/** All that such a lab holds, many at once: each has the processor while others wait. */
async function sideBySide() {
  const COUNT = 20;
  const fromMs = performance.now();
  const labs = await Promise.all(Array.from({ length: COUNT }, startOne));
  const ms = performance.now() - fromMs;
  await Promise.all(labs.map((stop) => stop()));
  return [`start, ${COUNT} side by side, each`, `${(ms / COUNT).toFixed(0)} ms`, '', '', ''];
}

/** Of virtual time; beside it, how long a real clock takes. */
function day() {
  const program = join(import.meta.dirname, 'lab/day.mjs');
  const { messages, seconds } = JSON.parse(
    execFileSync(process.execPath, [program, values.hours], { encoding: 'utf8' }),
  );
  const realS = Number(values.hours) * 3600;
  return [
    `${values.hours} hours of virtual time, ${messages} messages stored, processor time`,
    ...[`${seconds.toFixed(1)} s`, `${realS} s by the clock`, (seconds / realS).toFixed(5), 'seconds'],
  ];
}

const table = [
  ['what', 'a lab', 'mosquitto and MQTT.js', 'ratio', 'to reach'],
  ...(await starts()),
  await sideBySide(),
  day(),
];
printTable(table);
if (values.write) {
  writeSection('lab', {
    title: 'Labs of the test kit',
    command: 'npm run bench:lab -- --write',
    about: `On ${machine()}; medians of ${rounds} starts, in turns, after ${WARM_UP}. A lab is the cloud stub with its encrypted store, an access point and a switch that have proved certificate and factory key over TLS 1.3. Beside it mosquitto as a process and two clients of MQTT.js with the same certificates, and nothing else. The day has four clients.`,
    table,
  });
}
