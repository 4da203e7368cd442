/**
 * The same seed gives the same frames and observations, byte for byte: in two processes, on two lines of Node, with
 * any number of workers, for a device alone, and for a part of a longer run.
 */
import { execFile, execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, test } from 'vitest';
import { siteCast } from '../../world/engine/cast.ts';
import { World, type WorldStep } from '../../world/engine/world.ts';
import { readHappenings } from '../../world/happenings/file.ts';
import { Timeline } from '../../world/happenings/timeline.ts';
import { chainSite } from '../../world/site/chain.ts';
import { officeSite } from '../../world/site/office.ts';
import { compile } from '../support/compiled.ts';
import { MINUTE_MS } from '../support/world-cast.ts';
import { OWN_TOOLS } from '../tools.mjs';

const DIGEST = resolve(import.meta.dirname, '../support/world-digest.mjs');
const NOON_MS = Date.UTC(2026, 2, 2, 12);
const SPAN = { fromMs: NOON_MS, toMs: NOON_MS + MINUTE_MS };
const run = promisify(execFile);

type Digests = Record<string, string>;
let dist: string;
let expected: Digests;

const withNode = async (node: string): Promise<Digests> =>
  JSON.parse((await run(node, [DIGEST, dist, JSON.stringify(SPAN)])).stdout);

beforeAll(async () => {
  ({ dist } = compile());
  expected = await withNode(process.execPath);
});

const without = ({ version: _, ...digests }: Digests): Digests => digests;

describe('one seed', () => {
  test('in two processes', async () => {
    expect(Object.keys(expected).length).toBeGreaterThan(8);
    expect(await withNode(process.execPath)).toEqual(expected);
  });

  test('on two lines of Node', async () => {
    const node22 = join(OWN_TOOLS, 'node22');
    const version = execFileSync(node22, ['--version'], { encoding: 'utf8' });
    expect(version.split('.')[0]).not.toBe(process.version.split('.')[0]);
    expect(without(await withNode(node22))).toEqual(without(expected));
  });

  test.each([1, 3])('with %d workers, each running its share of the devices', async (count) => {
    const some = ['ap0', 'ap2', 'sw-f0'];
    const shares = Array.from({ length: count }, (_, i) => some.filter((_device, n) => n % count === i));
    const found: Digests = {};
    await Promise.all(
      shares.map(async (share) => {
        for (const device of share) Object.assign(found, await inWorker({ ...SPAN, device }));
      }),
    );
    const names = Object.keys(found);
    expect(names.length).toBeGreaterThanOrEqual(2 * some.length);
    expect(found).toEqual(Object.fromEntries(names.map((name) => [name, expected[name]])));
  });
});

function inWorker(options: object): Promise<Digests> {
  return new Promise((done, failed) => {
    const worker = new Worker(DIGEST, { execArgv: [], workerData: { dist, options } });
    worker.on('message', done);
    worker.on('error', failed);
  });
}

describe('a part of a run', () => {
  const site = officeSite({ seed: 31, widthM: 40 });
  const HAPPENINGS = `happenings:
  - { kind: os-bug, os: iOS, effect: disconnects, every: 4m, daily: "08:00", for: 12h }
  - { kind: dns-dead, perDay: 100, for: 3m }
  - { kind: port-flap, perDay: 60, for: 4m }
  - { kind: access-point-down, perDay: 60, for: 3m }
  - { kind: cable-fault, perDay: 40, for: 9m }
`;
  const happenings = readHappenings(HAPPENINGS, site);
  const newWorld = () => {
    if (!happenings.ok) throw new Error('the happenings are sound');
    const { conditionsAt } = new Timeline(site, happenings.value);
    const cast = siteCast(site, { conditionsAt, clients: 40 });
    return new World(site, cast, { conditionsAt, beaconsOneIn: 100 });
  };
  const isNew = (step: WorldStep) => step.type === 'frame' || step.fact.type !== 'connected';

  // Within a segment of the timetable, and hours later at the beginning of one.
  test.each([
    { hours: 0.2, minutes: 17.3 },
    { hours: 1.5, minutes: 30 },
  ])('from minute $minutes on is as in the whole that began $hours hours before', ({ hours, minutes }) => {
    const fromMs = NOON_MS + minutes * MINUTE_MS;
    const toMs = fromMs + 2 * MINUTE_MS;
    const tail: WorldStep[] = [];
    for (const step of newWorld().run(fromMs - hours * 3_600_000, toMs, 'ap1')) {
      if (step.timeUs >= fromMs * 1000) tail.push(step);
    }
    const part = [...newWorld().run(fromMs, toMs, 'ap1')];
    const here = part.filter((step) => !isNew(step));
    expect(here.length).toBeGreaterThan(15);
    expect(part.filter(isNew)).toEqual(tail);
    expect(tail.length).toBeGreaterThan(500);
    const joins = part.filter((step) => step.type === 'fact' && step.fact.type === 'join');
    expect(joins.length).toBeLessThan(here.length / 2);
  });
});

test('a shop of a chain alone is the shop of the whole chain', () => {
  const shopOf = (numbers: readonly number[]) => {
    const sites = numbers.map((number) => chainSite(5, number));
    return sites.map((site) => {
      const conditionsAt = new Timeline(site, []).conditionsAt;
      const world = new World(site, siteCast(site, { conditionsAt, clients: 8 }), { beaconsOneIn: 100 });
      return [...world.run(NOON_MS, NOON_MS + MINUTE_MS)];
    });
  };
  const [, second] = shopOf([6, 7, 8]);
  expect(second.length).toBeGreaterThan(500);
  expect(shopOf([7])[0]).toEqual(second);
});
