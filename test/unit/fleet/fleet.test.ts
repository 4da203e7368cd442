import { describe, expect, test } from 'vitest';
import { parseFleetConfig } from '../../../fleet/config.ts';
import { Metrics, mergeMetrics } from '../../../fleet/metrics/metrics.ts';
import { judge } from '../../../fleet/report/verdict.ts';
import { plannedShape, type ShapeSettings } from '../../../fleet/shapes/registry.ts';
import { shardOf } from '../../../fleet/shard.ts';
import { parseThreshold } from '../../../fleet/thresholds/threshold.ts';

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
        workers: [{ loopDelayMs: 0, utilization: 0 }],
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
  const starved = { workers: [{ loopDelayMs: 900, utilization: 1 }], gaveUp: 'x' };
  expect(judged(starved)).toBe('generator-limit');
  expect(judged({ ...starved, aborted: true })).toBe('aborted');
});

test('shards depend on the serial alone, and are of like size', () => {
  const sizes = [0, 0, 0, 0];
  for (let i = 0; i < 4000; i++) sizes[shardOf(`AH123456${String(i).padStart(6, '0')}`, 4)]++;
  for (const size of sizes) expect(Math.abs(size - 1000)).toBeLessThan(150);
});
