/**
 * The world: RSSI samples, frames, memory of a large site, a day of an office, and how the cost grows with clients.
 *   npm run bench:world -- [--rounds 5] [--shops 6250] [--write]
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
  options: {
    rounds: { type: 'string', default: '5' },
    shops: { type: 'string', default: '6250' },
    write: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const MONDAY = Date.UTC(2026, 2, 2);
const FIVE_GHZ = 1;
/** 1 GB in MiB: the bench fails when a large site takes more. */
const MOST_MIB = 1e9 / 2 ** 20;

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

/** What a script of `bench/world` says, in a process of its own. */
const asked = (script, ...words) =>
  JSON.parse(
    execFileSync(process.execPath, [join(import.meta.dirname, 'world', script), ...words], {
      encoding: 'utf8',
    }),
  );

function judged(mib) {
  if (mib > MOST_MIB) process.exitCode = 1;
  return `${Math.round(mib)} MiB`;
}

function largeSite() {
  const { accessPoints, clients, present, samples, seconds, mib } = asked('large.mjs', '10000', '100000');
  return [
    [
      `memory of ${accessPoints} access points with ${clients} clients, each with its day, place and access point`,
      judged(mib),
      `≤ ${Math.floor(MOST_MIB)} MiB (1 GB)`,
    ],
    [
      `making them, ${present} on site at noon, ${millions(samples)} RSSI samples`,
      `${seconds.toFixed(0)} s`,
      `${((seconds / clients) * 1000).toFixed(2)} ms a client`,
    ],
  ];
}

function chain() {
  const { shops, accessPoints, clients, frames, seconds, mib } = asked('chain.mjs', values.shops);
  return [
    [
      `memory of ${shops} shops with ${accessPoints} access points and ${clients} clients, each frame of a minute at noon, shop after shop`,
      judged(mib),
      `≤ ${Math.floor(MOST_MIB)} MiB (1 GB)`,
    ],
    [
      `their ${millions(frames)} frames, the morning of each shop included`,
      `${seconds.toFixed(0)} s`,
      `${((seconds / clients) * 1000).toFixed(2)} ms a client`,
    ],
  ];
}

function day() {
  const until = MONDAY + 86_400_000;
  const make = () => {
    const site = officeSite({ seed: 1, floors: 2 });
    const cast = siteCast(site, { conditionsAt: undisturbed, clients: 200 });
    return new World(site, cast, { beaconsOneIn: 1000, ble: false });
  };
  const truth = timed(() => {
    const world = make();
    let facts = 0;
    for (const being of world.beings) for (const _ of world.factsOf(being, MONDAY, until)) facts++;
    return facts;
  });
  const { seconds, result } = timed(() => {
    let frames = 0;
    for (const step of make().run(MONDAY, until)) if (step.type === 'frame') frames++;
    return frames;
  });
  return [
    [
      `a day of an office, 16 access points, 200 clients: its ${truth.result} facts`,
      `${truth.seconds.toFixed(1)} s`,
      'seconds',
    ],
    [
      `the same day with every frame: ${millions(result)}, CCMP and checksums computed`,
      `${seconds.toFixed(1)} s`,
      `${Math.round(86_400 / seconds)} times as fast as it happens`,
    ],
    ['frames a second and core', `${Math.round(result / seconds / 1000)} k`, ''],
  ];
}

/** A floor of a constant density: five clients and 0.17 access points a metre, wider than an access point reaches. */
const CROWDS = [1000, 2000, 4000, 8000];
const CLIENTS_A_METRE = 5;
/** All pairs are asked for one client in so many: the cost of each is what counts. */
const NAIVE_ONE_IN = 16;
const PER_SECOND = 10;

/** Access points and floor grow with the clients; each client walks for a second and is heard by whoever is near, or by all. */
function growth() {
  return CROWDS.map((clients) => {
    const site = officeSite({ seed: 1, widthM: clients / CLIENTS_A_METRE, depthM: 40 });
    const field = new RadioField(site);
    const count = site.accessPoints.length;
    list = Int32Array.from({ length: count }, (_, k) => k);
    // Wall losses of the places are worked out before: what a client costs that stays about where it was.
    const near = (t) => field.near(t.floor, t.x, t.y, list);
    once(site, field, clients, 1, near, 0);
    const runs = Array.from({ length: rounds }, (_, i) =>
      timed(() => once(site, field, clients, 1, near, i)),
    );
    const us = (median(runs.map(({ seconds }) => seconds)) / clients) * 1e6;
    const heard = runs[0].result / clients / PER_SECOND;
    const all = () => {
      for (let k = 0; k < count; k++) list[k] = k;
      return count;
    };
    once(site, field, clients, NAIVE_ONE_IN, all, 0);
    const naive = timed(() => once(site, field, clients, NAIVE_ONE_IN, all, 0));
    const naiveUs = (naive.seconds / Math.ceil(clients / NAIVE_ONE_IN)) * 1e6;
    return [
      `a second of each of ${clients} clients, ${count} access points, ${heard.toFixed(0)} of them near`,
      `${us.toFixed(0)} µs a client, ${Math.round((us / heard / PER_SECOND) * 1000)} ns a sample`,
      `all pairs: ${naiveUs.toFixed(0)} µs`,
    ];
  });
}

/** A second's way of every `oneIn`th client, heard ten times; returns the number of samples. */
function once(site, field, clients, oneIn, near, step) {
  const [, , corner] = site.floors[0].outline;
  const t = { device: 0, powerDbm: 14, channel: 36, floor: 0, x: 0, y: 0, z: 1.1, heading: 0, sample: 0 };
  let samples = 0;
  for (let client = 0; client < clients; client += oneIn) {
    t.device = client;
    t.y = 1 + ((client * 3.1) % (corner.y - 2));
    for (let k = 0; k < PER_SECOND; k++) {
      t.x = 1 + ((client * 7.3 + k * 0.12) % (corner.x - 2));
      t.sample = step * PER_SECOND + k;
      const count = near(t);
      for (let ap = 0; ap < count; ap++) field.rssiDbm(list[ap], FIVE_GHZ, t);
      samples += count;
    }
  }
  return samples;
}

const table = [
  ['what', 'measured', 'to reach, or beside'],
  rssi(),
  ...growth(),
  ...day(),
  ...largeSite(),
  ...chain(),
];
printTable(table);
if (values.write) {
  writeSection('world', {
    title: 'The simulated world',
    command: 'npm run bench:world -- --write',
    about: `On ${machine()}; processor time. RSSI is of walking clients at all access points within reach, walls, shadowing, body and fading included. The day has one beacon in a thousand and no Bluetooth. Density is constant where clients grow in number: cost a client follows the access points near it, not the size of the site.`,
    table,
  });
}
