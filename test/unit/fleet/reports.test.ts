import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPrometheus } from '../../../cli/commands/fleet/prometheus.ts';
import { csvOf, htmlOf, junitOf, parseFleetConfig } from '../../../fleet/index.ts';
import { Metrics, mergeMetrics } from '../../../fleet/metrics/metrics.ts';
import { reportOf } from '../../../fleet/report/report.ts';
import { Timeline } from '../../../fleet/report/timeline.ts';

const HOSTILE = '</title><script>alert(1)</script> & "quoted"';
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'airherd-reports-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** One millisecond a hundred times, ten milliseconds ten times, a second once. */
function metrics(): Metrics {
  const made = new Metrics();
  for (const [ms, times] of [
    [1, 100],
    [10, 10],
    [1000, 1],
  ]) {
    for (let i = 0; i < times; i++) made.record('connect', ms);
  }
  made.counters.started = 111;
  made.counters.reached = 111;
  made.counters.logins = 111;
  made.counters.connected = 111;
  made.counters.produced = 10;
  made.counters.acknowledged = 10;
  made.failed(HOSTILE);
  return made;
}

function report() {
  const timeline = new Timeline();
  const made = metrics();
  for (let i = 0; i < 20; i++) timeline.add(i * 500, { ...made.counters, connected: i * 5 });
  const config = parseFleetConfig(
    {
      cloud: 'mqtts://localhost',
      devices: 111,
      for: '10s',
      shape: { kind: 'ramp', rate: 20 },
      thresholds: ['connect.p99 < 2ms', 'lost == 0'],
    },
    'test',
  );
  return reportOf(
    {
      metrics: made,
      workers: [{ loopDelayMs: 3, utilization: 0.5, cpuWait: 0.1 }],
      workersLost: 0,
      aborted: false,
      gaveUp: null,
      elapsedMs: 10_000,
      memoryBytes: 1e8,
      timeline: timeline.points(),
      machines: [{ name: HOSTILE, shards: [0, 2], clockOffsetMs: -12.34, state: 'finished' }],
    },
    config,
    2,
  );
}

test('the distribution holds every value once, at its place', () => {
  const distribution = metrics().distributionMs('connect');
  const upTo = (limit: number) =>
    Math.max(0, ...distribution.filter(([ms]) => ms <= limit).map(([, n]) => n));
  expect([upTo(0.99), upTo(1.01), upTo(9), upTo(10.1), upTo(1001)]).toEqual([0, 100, 100, 110, 111]);
});

test('JUnit is valid by its schema, and says which threshold was missed', () => {
  const path = join(dir, 'report.xml');
  writeFileSync(path, junitOf(report()));
  const schema = resolve('fixtures/fleet/junit.xsd');
  const { status, stderr } = spawnSync('xmllint', ['--noout', '--schema', schema, path], {
    encoding: 'utf8',
  });
  expect(stderr).toContain('validates');
  expect(status).toBe(0);
  const failed = spawnSync('xmllint', ['--xpath', '//testcase[failure]/@name', path], { encoding: 'utf8' });
  expect(failed.stdout.trim()).toBe('name="connect.p99 &lt; 2ms"');
});

test('CSV has one figure a line, as RFC 4180 has it', () => {
  const rows = csvOf(report()).split('\r\n');
  expect(rows.pop()).toBe('');
  expect(rows[0]).toBe('metric,statistic,value');
  expect(rows).toContain('logins,count,111');
});

describe('the page', () => {
  test('needs nothing else, and lets nothing that it was told become markup', () => {
    const html = htmlOf(report());
    expect(html).not.toMatch(/\b(src|href|url|import)\s*[=(]/i);
    expect(html).not.toContain('http://');
    expect(html).not.toContain('https://');
    expect(html).not.toContain('<script');
    expect(html.match(/&lt;script&gt;/g)).toHaveLength(2);
    expect(html).toContain("default-src 'none'");
  });

  test('is what it says in a browser: every picture drawn, every bar in its place', () => {
    const path = join(dir, 'report.html');
    writeFileSync(path, htmlOf(report()));
    const { stdout } = spawnSync(
      'chromium',
      ['--headless', '--no-sandbox', '--disable-gpu', '--dump-dom', `file://${path}`],
      { encoding: 'utf8' },
    );
    expect(stdout.match(/<svg /g)).toHaveLength(3);
    const bars = [...stdout.matchAll(/<title>(\d+) around ([^<]+)<\/title>/g)].map(([, n, at]) => [n, at]);
    expect(bars).toEqual([
      ['100', '1 ms'],
      ['10', '10 ms'],
      ['1', '1 s'],
    ]);
  });
});

test('a timeline of any length keeps its beginning and its end, and stays small', () => {
  const timeline = new Timeline();
  const { counters } = new Metrics();
  for (let i = 0; i <= 10_000; i++) timeline.add(i * 500, counters);
  const points = timeline.points();
  expect(points.length).toBeGreaterThan(60);
  expect(points.length).toBeLessThan(240);
  expect(points[0].atMs).toBe(0);
  expect(points.at(-1)!.atMs).toBeGreaterThan(0.97 * 10_000 * 500);
});

/** The text form of Prometheus: a sample is name, labels, value (prometheus.io/docs/instrumenting/exposition_formats). */
function samples(text: string): Map<string, number> {
  const found = new Map<string, number>();
  const typed = new Set<string>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, declared] = /^# TYPE (\w+) (?:counter|gauge)$/.exec(line) ?? [];
    if (declared) typed.add(declared);
    if (line.startsWith('#')) continue;
    const match = /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)+\})? (\S+)$/.exec(line);
    if (!match || !typed.has(match[1])) throw new Error(`not a sample: ${line}`);
    found.set(match[1] + (match[2] ?? ''), Number(match[3]));
  }
  return found;
}

test('Prometheus reads counters, failures by code and percentiles while a run lasts', async () => {
  const endpoint = await startPrometheus('0');
  try {
    expect(samples(await (await fetch(endpoint.url)).text()).get('airherd_fleet_logins_total')).toBe(0);
    endpoint.update({ elapsedMs: 2500, metrics: metrics() });
    const response = await fetch(endpoint.url);
    expect(response.headers.get('content-type')).toContain('version=0.0.4');
    const read = samples(await response.text());
    expect(read.get('airherd_fleet_elapsed_seconds')).toBe(2.5);
    expect(read.get('airherd_fleet_connected')).toBe(111);
    expect(read.get('airherd_fleet_latency_values_total{of="connect"}')).toBe(111);
    expect(read.get('airherd_fleet_latency_seconds{of="connect",quantile="0.5"}')).toBeCloseTo(0.001, 5);
    const failures = [...read].filter(([name]) => name.startsWith('airherd_fleet_failures_by_code_total'));
    expect(failures).toEqual([[expect.stringContaining('\\"quoted\\"'), 1]]);
    expect((await fetch(endpoint.url.replace('/metrics', '/'))).status).toBe(404);
  } finally {
    await endpoint.close();
  }
});

test('merging loses nothing: counts and buckets of parts are those of the whole', () => {
  const merged = mergeMetrics([metrics().snapshot(), metrics().snapshot()]);
  expect(merged.counters.logins).toBe(222);
  expect(merged.distributionMs('connect').at(-1)?.[1]).toBe(222);
  expect(merged.percentileMs('connect', 50)).toBe(metrics().percentileMs('connect', 50));
});
