/**
 * The world: RSSI samples, frames, memory of a large site, a day of an office, and how the cost grows with clients.
 *   npm run bench:world -- [--rounds 5] [--write]
 * Times are of the processor, not of the clock on the wall. `--write` puts the table into docs/benchmarks.md.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { siteCast } from '../dist/world/engine/cast.js';
import { undisturbed } from '../dist/world/engine/network.js';
import { World } from '../dist/world/engine/world.js';
import { RadioField } from '../dist/world/radio/field.js';
import { officeSite } from '../dist/world/site/office.js';
import { machine, median, printTable, writeSection } from './report.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, write: { type: 'boolean', default: false } },
});
const rounds = Number(values.rounds);
const MONDAY = Date.UTC(2026, 2, 2);
const FIVE_GHZ = 1;

/** Processor seconds of `run`, and what it returns. */
function timed(run) {
  const before = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, result };
}

/** Clients that walk at 1.2 m/s and are heard ten times a second by all access points that are near. */
function walk(site, field, clients, wanted, near) {
  const [floor] = site.floors;
  const [, , corner] = floor.outline;
  const t = { device: 0, powerDbm: 14, channel: 36, floor: 0, x: 0, y: 0, z: 1.1, heading: 0, sample: 0 };
  let samples = 0;
  for (let step = 0; samples < wanted; step++) {
    for (let client = 0; client < clients && samples < wanted; client++) {
      t.device = client;
      t.floor = client % site.floors.length;
      t.sample = step;
      t.x = 1 + ((client * 7.3 + step * 0.12) % (corner.x - 2));
      t.y = 1 + ((client * 3.1 + step * 0.01) % (corner.y - 2));
      t.heading = (client + (step >> 6)) % 6;
      const count = near(t);
      for (let k = 0; k < count; k++) field.rssiDbm(list[k], FIVE_GHZ, t);
      samples += count;
    }
  }
  return samples;
}
let list = new Int32Array(0);

function rssi() {
  const site = officeSite({ seed: 1, floors: 3 });
  const field = new RadioField(site);
  list = new Int32Array(site.accessPoints.length);
  const near = (t) => field.near(t.floor, t.x, t.y, list);
  walk(site, field, 200, 2e6, near);
  const rates = Array.from({ length: rounds }, () => {
    const { seconds, result } = timed(() => walk(site, field, 200, 4e6, near));
    return result / seconds;
  });
  return ['RSSI samples a second and core', millions(median(rates)), '≥ 3.0 M'];
}

const millions = (value) => `${(value / 1e6).toFixed(2)} M`;

function largeSite() {
  const script = join(import.meta.dirname, 'world/large.mjs');
  const { accessPoints, clients, frames, mib } = JSON.parse(
    execFileSync(process.execPath, [script, '10000', '100000', '2'], { encoding: 'utf8' }),
  );
  const what = `memory of ${accessPoints} access points with ${clients} clients (2 s, ${frames} frames)`;
  return [what, `${Math.round(mib)} MiB`, '≤ 1024 MiB'];
}

function day() {
  const site = officeSite({ seed: 1, floors: 2 });
  const { seconds, result } = timed(() => {
    const cast = siteCast(site, { conditionsAt: undisturbed, clients: 200 });
    const world = new World(site, cast, { beaconsOneIn: 1000, ble: false });
    let frames = 0;
    for (const step of world.run(MONDAY, MONDAY + 86_400_000)) if (step.type === 'frame') frames++;
    return frames;
  });
  return [
    ['a day of an office, 16 access points, 200 clients', `${seconds.toFixed(1)} s`, 'seconds'],
    ['frames of it, CCMP and checksums computed', `${result}`, ''],
    ['frames a second and core', `${Math.round(result / seconds / 1000)} k`, ''],
  ];
}

/** Access points and floor grow with the clients; each client moves and is heard by whoever is near, or by all. */
function growth() {
  const rows = [];
  for (const clients of [250, 500, 1000, 2000]) {
    const widthM = clients / 5;
    const site = officeSite({ seed: 1, widthM, depthM: 40 });
    const field = new RadioField(site);
    const count = site.accessPoints.length;
    list = new Int32Array(count);
    const all = () => {
      for (let k = 0; k < count; k++) list[k] = k;
      return count;
    };
    const near = (t) => field.near(t.floor, t.x, t.y, list);
    const perClient = (which) => {
      // A few steps of each client, whatever they cost.
      let steps = 0;
      const limited = (t) => {
        steps++;
        return which(t);
      };
      const { seconds } = timed(() => {
        for (let i = 0; i < 4; i++) once(site, field, clients, limited, i);
      });
      return (seconds / steps) * 1e6;
    };
    perClient(near);
    const ours = median(Array.from({ length: rounds }, () => perClient(near)));
    const naive = perClient(all);
    rows.push([
      `a step of each of ${clients} clients, ${count} access points`,
      `${ours.toFixed(2)} µs a client`,
      `all pairs: ${naive.toFixed(1)} µs`,
    ]);
  }
  return rows;
}

function once(site, field, clients, near, step) {
  const [, , corner] = site.floors[0].outline;
  const t = { device: 0, powerDbm: 14, channel: 36, floor: 0, x: 0, y: 0, z: 1.1, heading: 0, sample: step };
  for (let client = 0; client < clients; client++) {
    t.device = client;
    t.x = 1 + ((client * 7.3 + step * 0.12) % (corner.x - 2));
    t.y = 1 + ((client * 3.1) % (corner.y - 2));
    const count = near(t);
    for (let k = 0; k < count; k++) field.rssiDbm(list[k], FIVE_GHZ, t);
  }
}

const table = [['what', 'measured', 'to reach, or beside'], rssi(), ...growth(), ...day(), largeSite()];
printTable(table);
if (values.write) {
  writeSection('world', {
    title: 'The simulated world',
    command: 'npm run bench:world -- --write',
    about: `On ${machine()}; processor time. RSSI is of walking clients at all access points within reach, walls, shadowing, body and fading included. The day has one beacon in a thousand and no Bluetooth.`,
    table,
  });
}
