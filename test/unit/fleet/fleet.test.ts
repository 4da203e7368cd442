import { describe, expect, test } from 'vitest';
import type { Identity } from '../../../certs/identity.ts';
import { parseFleetConfig } from '../../../fleet/config.ts';
import { estimate } from '../../../fleet/estimate.ts';
import { faultFromText } from '../../../fleet/faults/fault.ts';
import { Metrics, mergeMetrics } from '../../../fleet/metrics/metrics.ts';
import { judge } from '../../../fleet/report/verdict.ts';
import { schedule } from '../../../fleet/schedule.ts';
import { plannedShape, type ShapeSettings } from '../../../fleet/shapes/registry.ts';
import { shardOf } from '../../../fleet/shard.ts';
import { observedBy } from '../../../fleet/telemetry/observed-by.ts';
import type { TimedFrames } from '../../../fleet/telemetry/timed-source.ts';
import { parseThreshold } from '../../../fleet/thresholds/threshold.ts';
import { dissect } from '../../../packets/dissect.ts';
import { Dissection } from '../../../packets/dissection.ts';
import { Observer } from '../../../packets/observe/observer.ts';

const extent = { devices: 40, forMs: 10_000, seed: 7, siteDevices: 10 };
const actions = (settings: ShapeSettings) => [...plannedShape(settings).actions(extent)];

describe('shapes', () => {
  const all: ShapeSettings[] = [
    { kind: 'ramp', rate: 20 },
    { kind: 'constant-arrival', rate: 20 },
    { kind: 'storm', rate: 20, at: 3000, down: 1000, jitter: 2000 },
    { kind: 'churn', rate: 20, leave: 10, down: 1000 },
  ];
  test.each(all)('$kind is in order of time, and no device is cut or restored twice in a row', (settings) => {
    const list = actions(settings);
    expect(list.map(({ atMs }) => atMs)).toEqual(list.map(({ atMs }) => atMs).sort((a, b) => a - b));
    for (let device = 0; device < extent.devices; device++) {
      const kinds = list.filter((action) => action.device === device).map(({ kind }) => kind);
      expect(kinds[0]).toBe('start');
      for (const [i, kind] of kinds.entries()) {
        if (i > 0) expect(kind).toBe(kinds[i - 1] === 'cut' ? 'restore' : 'cut');
      }
    }
  });

  test('a ramp starts one device every 50 ms at 20 a second', () => {
    expect(actions({ kind: 'ramp', rate: 20 }).map(({ atMs }) => atMs)).toEqual(
      Array.from({ length: 40 }, (_, i) => i * 50),
    );
  });

  test('arrivals go on at their rate to the end, whoever is there', () => {
    const logins = actions({ kind: 'constant-arrival', rate: 20 }).filter(({ kind }) => kind !== 'cut');
    expect(logins).toHaveLength(200);
  });

  test('a storm brings all back in one instant, or each at its own within the jitter', () => {
    const back = (jitter: number) =>
      actions({ kind: 'storm', rate: 20, at: 3000, down: 1000, jitter })
        .filter(({ kind }) => kind === 'restore')
        .map(({ atMs }) => atMs);
    expect(new Set(back(0))).toEqual(new Set([4000]));
    expect(new Set(back(2000)).size).toBe(40);
    expect(back(2000).every((atMs) => atMs >= 4000 && atMs < 6000)).toBe(true);
  });
});

describe('configuration', () => {
  test('every problem is listed at once', () => {
    const wrong = {
      cloud: 'http://x',
      devices: 0,
      shape: { kind: 'ramp', rate: -1 },
      thresholds: ['connect < 2s', 'nonsense.p99 < 1s'],
      colour: 'red',
    };
    expect(() => parseFleetConfig(wrong, 'f.yaml')).toThrowError(
      /cloud: .*devices: .*shape\.rate: .*thresholds\.0: .*thresholds\.1: .*colour: unknown setting/,
    );
  });

  test('what is not said follows from the rest: this machine, a minute, all on in a quarter of it', () => {
    const parsed = (shape: object) => parseFleetConfig({ devices: 300, shape }, 'flags');
    expect(parsed({ kind: 'ramp' })).toMatchObject({
      cloud: 'mqtts://localhost:8883',
      for: 60_000,
      shape: { kind: 'ramp', rate: 20 },
    });
    expect(parsed({ kind: 'storm' }).shape).toMatchObject({ rate: 20, at: 30_000 });
    expect(parsed({ kind: 'storm', rate: 100, at: '5s' }).shape).toMatchObject({ rate: 100, at: 5000 });
  });

  test('what nothing follows for is missing', () => {
    expect(() => parseFleetConfig({ shape: { kind: 'ramp' } }, 'flags')).toThrowError(/devices: is missing/);
  });

  test('a shape that cannot be acted out is refused', () => {
    const run = (shape: object) => () =>
      parseFleetConfig({ cloud: 'mqtts://localhost', devices: 100, for: '5s', shape }, 'flags');
    expect(run({ kind: 'ramp', rate: 10 })).toThrowError(/take 10 s, and the run ends after 5 s/);
    expect(run({ kind: 'storm', rate: 100, at: '500ms' })).toThrowError(/last device starts at 1 s/);
    expect(run({ kind: 'churn', rate: 100, leave: 50, down: '2s' })).toThrowError(/must be back by then/);
  });
});

test.each([
  ['connect.p99 < 2s', { histogram: 'connect', statistic: { percentile: 99 } }, 2000],
  ['ack.p99.9<=250us', { histogram: 'ack', statistic: { percentile: 99.9 } }, 0.25],
  ['lost == 0', { counter: 'lost' }, 0],
])('threshold %s', (text, metric, limit) => {
  expect(parseThreshold(text)).toMatchObject({ metric, limit });
});

test.each(['connect < 2s', 'lost.p99 < 1', 'connect.p99 < 2', 'lost == 2s', 'connect.p99 ~ 2s', ''])(
  'no threshold: %s',
  (text) => {
    expect(parseThreshold(text)).toBeTypeOf('string');
  },
);

test('four workers with a quarter each merge to what one with all of it has', () => {
  const one = new Metrics();
  const four = Array.from({ length: 4 }, () => new Metrics());
  for (let i = 1; i <= 40_000; i++) {
    const ms = (i * 7919) % 10_007;
    for (const metrics of [one, four[i % 4]]) {
      metrics.record('connect', ms);
      metrics.counters.logins++;
      if (i % 10 === 0) metrics.failed(i % 20 === 0 ? 'cloud-timeout' : 'tls-refused');
    }
  }
  const merged = mergeMetrics(four.map((metrics) => metrics.snapshot()));
  expect(merged.counters).toEqual(one.counters);
  expect(merged.failuresByCode).toEqual(one.failuresByCode);
  expect(merged.count('connect')).toBe(40_000);
  for (const p of [1, 50, 90, 99, 99.9, 100]) {
    expect(merged.percentileMs('connect', p)).toBe(one.percentileMs('connect', p));
  }
  expect(one.percentileMs('connect', 50) / 5003).toBeCloseTo(1, 2);
});

test('what decides: abort, then the generator, then the target, then thresholds', () => {
  const config = parseFleetConfig(
    { cloud: 'mqtts://localhost', devices: 1, shape: { kind: 'ramp', rate: 1 }, thresholds: ['lost == 0'] },
    'flags',
  );
  const metrics = new Metrics();
  Object.assign(metrics.counters, { started: 1, reached: 1, produced: 2, acknowledged: 2 });
  const judged = (change: object) =>
    judge(
      {
        metrics,
        workers: [{ loopDelayMs: 0, utilization: 0, cpuWait: 0 }],
        workersLost: 0,
        aborted: false,
        gaveUp: null,
        ...change,
      },
      config,
    ).outcome;
  expect(judged({})).toBe('passed');
  metrics.counters.lost = 1;
  expect(judged({})).toBe('thresholds-failed');
  expect(judged({ gaveUp: 'x' })).toBe('target-failed');
  const starved = { workers: [{ loopDelayMs: 900, utilization: 1, cpuWait: 0 }], gaveUp: 'x' };
  expect(judged(starved)).toBe('generator-limit');
  expect(judged({ ...starved, aborted: true })).toBe('aborted');
  expect(judged({ workers: [{ loopDelayMs: 0, utilization: 0.4, cpuWait: 0.9 }] })).toBe('generator-limit');
  metrics.failed('local-limit');
  expect(judged({ gaveUp: 'x' })).toBe('generator-limit');
});

test('commands come at a constant rate over all devices, and need a cloud that has an API', () => {
  const input = {
    devices: 40,
    for: '4s',
    commands: { rate: 50 },
    shape: { kind: 'ramp', rate: 20 },
    seed: 3,
  };
  const config = parseFleetConfig(input, 'flags');
  const commands = [...schedule(config)].filter(({ kind }) => kind === 'command');
  expect(commands.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 200 }, (_, turn) => turn * 20));
  expect(new Set(commands.map(({ device }) => device)).size).toBeGreaterThan(35);
  expect([...schedule(config)].filter(({ kind }) => kind === 'command')).toEqual(commands);
  expect(() => parseFleetConfig({ ...input, target: { proof: 'none' } }, 'flags')).toThrow('commands.rate');
});

test('devices of one simulated site are in one shard, and the plan says what sites cost', () => {
  const shape = { kind: 'ramp', rate: 20 };
  const config = parseFleetConfig(
    { devices: 50, siteDevices: 20, telemetry: { world: 'office' }, shape, for: '5s' },
    'flags',
  );
  const shards = Array.from({ length: 50 }, (_, index) => shardOf(`AH${index}`, index, config, 8));
  expect(new Set(shards.slice(0, 20)).size).toBe(1);
  expect(new Set(shards.slice(20, 40)).size).toBe(1);
  // An office has eight access points: three buildings for twenty devices, two for the last ten.
  expect(estimate(config).buildings.count).toBe(8);
  const plain = estimate(parseFleetConfig({ devices: 50, siteDevices: 20, shape, for: '5s' }, 'flags'));
  expect(estimate(config).memoryBytes).toBeGreaterThan(plain.memoryBytes);
});

test('shards depend on the serial alone, and are of like size', () => {
  const sizes = [0, 0, 0, 0];
  const config = parseFleetConfig({ devices: 4000, shape: { kind: 'ramp', rate: 500 } }, 'flags');
  for (let i = 0; i < 4000; i++) sizes[shardOf(`AH123456${String(i).padStart(6, '0')}`, i, config, 4)]++;
  for (const size of sizes) expect(Math.abs(size - 1000)).toBeLessThan(150);
});

describe('shapes after a ramp', () => {
  const of = (settings: ShapeSettings, kind: string) =>
    actions(settings).filter((action) => action.kind === kind);
  const after: ShapeSettings[] = [
    { kind: 'diurnal', rate: 20, period: 4000, low: 0.25 },
    { kind: 'power-cut', rate: 20, at: 3000, sites: 2, down: 1000, jitter: 500 },
    { kind: 'rolling-upgrade', rate: 20, at: 3000, batch: 15, every: 1000, down: 500 },
    { kind: 'renewal-wave', rate: 20, at: 3000, spread: 1000 },
    { kind: 'slow-reader', rate: 20, at: 3000, share: 0.5, bytesPerSecond: 100 },
    { kind: 'half-open', rate: 20, at: 3000, share: 1 },
    { kind: 'roam-wave', rate: 20, at: 3000, waves: 2, every: 1000, spread: 500 },
  ];
  test.each(after)('$kind is in order of time, the same from one seed, and within the run', (settings) => {
    expect(plannedShape(settings).problems(extent)).toEqual([]);
    const list = actions(settings);
    expect(list).toEqual(actions(settings));
    expect(list.map(({ atMs }) => atMs)).toEqual(list.map(({ atMs }) => atMs).sort((a, b) => a - b));
    expect(new Set(list.filter(({ kind }) => kind === 'start').map(({ device }) => device)).size).toBe(40);
  });

  test('of a day all are on at noon, the low share at midnight, and half of the rest in the morning', () => {
    const settings = { kind: 'diurnal', rate: 20, period: 4000, low: 0.25 } as const;
    const onAt = (atMs: number) => {
      const on = new Set<number>();
      for (const action of actions(settings)) {
        if (action.atMs > atMs) break;
        if (action.kind === 'cut') on.delete(action.device);
        else on.add(action.device);
      }
      return on.size;
    };
    expect([600, 1000, 2000, 3000, 3999, 5000, 6000].map(onAt)).toEqual([16, 25, 40, 25, 10, 25, 40]);
  });

  test('a power cut takes whole sites, leaves half-open connections, and brings each device back once', () => {
    const settings = { kind: 'power-cut', rate: 20, at: 3000, sites: 2, down: 1000, jitter: 500 } as const;
    const dark = of(settings, 'power').map(({ device }) => device);
    expect(dark).toHaveLength(20);
    expect(new Set(dark.map((device) => Math.floor(device / 10))).size).toBe(2);
    const back = actions(settings).filter(({ atMs, kind }) => kind === 'start' && atMs >= 4000);
    expect(new Set(back.map(({ device }) => device))).toEqual(new Set(dark));
    expect(back.every(({ atMs }) => atMs < 4500)).toBe(true);
    expect(of(settings, 'link')).toHaveLength(20);
  });

  test('an upgrade rolls batch by batch', () => {
    const settings = {
      kind: 'rolling-upgrade',
      rate: 20,
      at: 3000,
      batch: 15,
      every: 1000,
      down: 500,
    } as const;
    const times = of(settings, 'stop').map(({ atMs }) => atMs);
    expect([3000, 4000, 5000].map((at) => times.filter((atMs) => atMs === at).length)).toEqual([15, 15, 10]);
  });

  test('too early or too late for the run is refused', () => {
    const early = plannedShape({ kind: 'half-open', rate: 10, at: 1000, share: 1 });
    expect(early.problems(extent).join()).toContain('the last device starts at 4 s');
    const late = plannedShape({ kind: 'renewal-wave', rate: 20, at: 9000, spread: 2000 });
    expect(late.problems(extent).join()).toContain('over at 11 s, after the run');
  });
});

describe('faults', () => {
  const config = (...faults: object[]) =>
    parseFleetConfig(
      { cloud: 'mqtts://localhost', devices: 40, shape: { kind: 'ramp', rate: 40 }, siteDevices: 10, faults },
      'flags',
    );
  const links = (...faults: object[]) =>
    [...schedule(config(...faults))].filter(({ kind }) => kind === 'link');

  test('begin and end when they are told to, for whom they are told', () => {
    expect(links({ kind: 'black-hole', from: '20s', for: '10s', of: 'site:3' })).toEqual([
      ...Array.from({ length: 10 }, (_, i) => ({
        atMs: 20_000,
        kind: 'link',
        conditions: { blackHole: true },
        device: 30 + i,
      })),
      ...Array.from({ length: 10 }, (_, i) => ({
        atMs: 30_000,
        kind: 'link',
        conditions: { blackHole: false },
        device: 30 + i,
      })),
    ]);
    expect(links({ kind: 'reset-mid-record', from: '5s', of: 'device:7' })).toEqual([
      { atMs: 5000, kind: 'link', break: 'reset-mid-record', device: 7 },
    ]);
    expect(links({ kind: 'delay', delay: '50ms', jitter: '5ms' })).toHaveLength(40);
  });

  test('a larger share holds the devices of a smaller one', () => {
    const of = (share: string) => links({ kind: 'cut', from: '1s', of: share }).map(({ device }) => device);
    expect(of('50%')).toEqual(expect.arrayContaining(of('20%')));
    expect(of('50%').length).toBeGreaterThan(of('20%').length);
    expect(of('100%')).toHaveLength(40);
  });

  test('a flag says the same as a file', () => {
    expect(links(faultFromText('black-hole from=20s for=10s of=25%')!)).toEqual(
      links({ kind: 'black-hole', from: '20s', for: '10s', of: '25%' }),
    );
    expect(faultFromText('delay 50ms')).toBeNull();
  });

  test('what is no fault is refused, and said', () => {
    expect(() => config({ kind: 'flood' })).toThrowError(/faults\.0/);
    expect(() => config({ kind: 'cut', for: '5s' })).toThrowError(/faults\.0\.for: unknown setting/);
    expect(() => config({ kind: 'cut', of: 'floor:2' })).toThrowError(/all, 25%, site:3 or device:17/);
  });
});

test('the clients of a roam wave are those of the device before, and say where they come from', () => {
  const config = parseFleetConfig(
    { cloud: 'mqtts://localhost', devices: 6, shape: { kind: 'ramp', rate: 40 }, siteDevices: 3 },
    'flags',
  );
  const device = (index: number) =>
    observedBy({ ...(identityOf(index) as Identity), mac: `02:00:00:00:0${index}:00` }, index, config);
  const observed = (heard: TimedFrames) => {
    const observer = new Observer({});
    const dissection = new Dissection();
    heard.frames(1).forEach((bytes, i) => {
      dissect(dissection, bytes, heard.linkType, bytes.length);
      observer.frame(dissection, {
        timeMs: 1,
        number: i + 1,
        interfaceName: 'wlan0',
        originalLength: bytes.length,
      });
    });
    return new Set(observer.clients().map(({ mac }) => mac));
  };
  const devices = Array.from({ length: 6 }, (_, i) => device(i));
  const before = devices.map(observed);
  expect(new Set(before.flatMap((macs) => [...macs])).size).toBe(24);
  for (const heard of devices) heard.roam?.();
  const arrivals = devices[1].frames(2);
  const dissection = new Dissection();
  dissect(dissection, arrivals[0], devices[1].linkType, arrivals[0].length);
  const management = dissection.start[1];
  // IEEE 802.11-2020 table 9-1: a reassociation request is type 0, subtype 2.
  expect(arrivals[0][management]).toBe(0x20);
  // The sites are 0..2 and 3..5: each device has those of the one before, the first those of the last.
  const after = devices.map(observed);
  expect(after).toEqual([2, 0, 1, 5, 3, 4].map((from) => before[from]));
});

const identityOf = (index: number) => ({ serial: `AH12345600000${index}`, kind: 'ap' });
