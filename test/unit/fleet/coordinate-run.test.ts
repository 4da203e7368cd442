import { expect, test } from 'vitest';
import { parseFleetConfig } from '../../../fleet/config.ts';
import { coordinateRun, type WorkerLink } from '../../../fleet/coordinate-run.ts';
import { Metrics } from '../../../fleet/metrics/metrics.ts';
import type { ShardSnapshot } from '../../../fleet/run-shard.ts';
import { nodeClock } from '../../../platform/node/clock.ts';

const config = parseFleetConfig(
  { cloud: 'mqtts://localhost', devices: 4, for: '1s', shape: { kind: 'ramp', rate: 100 } },
  'test',
);

function snapshot(logins: number): ShardSnapshot {
  const metrics = new Metrics();
  Object.assign(metrics.counters, {
    started: 2,
    reached: 2,
    connected: 2,
    logins,
    produced: 4,
    acknowledged: 4,
  });
  for (let i = 0; i < logins; i++) metrics.record('connect', 100);
  return { metrics: metrics.snapshot(), loopDelayMs: 1, utilization: 0.1, cpuWait: 0, memoryBytes: 1 };
}

function worker(final: (stopped: Promise<void>) => Promise<ShardSnapshot>): WorkerLink & { killed: boolean } {
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  return {
    ready: Promise.resolve(),
    begin() {},
    stop,
    latest: snapshot(2),
    final: final(stopped),
    killed: false,
    async kill() {
      this.killed = true;
    },
  };
}

test('a worker that dies ends the run, and the generator is named for it, with what both had measured', async () => {
  const dying = worker(() => Promise.reject(new Error('a worker ended with code 137')));
  const other = worker((stopped) => stopped.then(() => snapshot(2)));
  const report = await coordinateRun(
    config,
    [dying, other],
    nodeClock,
    () => {},
    new AbortController().signal,
  );
  expect(report).toMatchObject({ outcome: 'generator-limit', exitCode: 12 });
  expect(report.reasons).toContain("1 of the generator's workers died");
  expect(report.counters).toMatchObject({ logins: 4, produced: 8, acknowledged: 8 });
  expect(report.latenciesMs.connect.count).toBe(4);
  expect([dying.killed, other.killed]).toEqual([true, true]);
});

test('one that does not stop when it is told to is not waited for', async () => {
  const stuck = worker(() => new Promise(() => {}));
  const abort = new AbortController();
  const running = coordinateRun(config, [stuck], nodeClock, () => {}, abort.signal);
  const startMs = performance.now();
  abort.abort();
  const report = await running;
  expect(performance.now() - startMs).toBeLessThan(5_000);
  expect(report).toMatchObject({ outcome: 'aborted', exitCode: 13 });
  expect(report.counters.logins).toBe(2);
  expect(stuck.killed).toBe(true);
});
