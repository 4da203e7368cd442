import { Counter, Gauge, Registry } from 'prom-client';
import type { Metrics } from '../metrics/metrics.ts';
import { COUNTERS, type CounterName, HISTOGRAMS } from '../metrics/names.ts';

/** Those that go up and down. */
const GAUGES: readonly CounterName[] = ['connected', 'lost'];
const QUANTILES = [0.5, 0.9, 0.99, 0.999] as const;

/** What a run has measured so far, in the text form of Prometheus (0.0.4). Latencies are seconds. */
export async function prometheusText(metrics: Metrics, elapsedMs: number): Promise<string> {
  const registers = [new Registry()];
  const [registry] = registers;
  new Gauge({ name: 'airherd_fleet_elapsed_seconds', help: 'Since the schedule began.', registers }).set(
    elapsedMs / 1000,
  );
  for (const name of COUNTERS) {
    const value = metrics.counters[name];
    if (GAUGES.includes(name)) {
      new Gauge({ name: `airherd_fleet_${name}`, help: `${name}, now.`, registers }).set(value);
    } else {
      new Counter({ name: `airherd_fleet_${name}_total`, help: `${name}, so far.`, registers }).inc(value);
    }
  }
  const failures = new Counter({
    name: 'airherd_fleet_failures_by_code_total',
    help: 'Attempts and sessions that failed, by error code.',
    labelNames: ['code'],
    registers,
  });
  for (const [code, count] of metrics.failuresByCode) failures.inc({ code }, count);
  const latency = new Gauge({
    name: 'airherd_fleet_latency_seconds',
    help: 'Percentiles since the run began; see docs/fleet.md for each.',
    labelNames: ['of', 'quantile'],
    registers,
  });
  const counts = new Counter({
    name: 'airherd_fleet_latency_values_total',
    help: 'Values that the percentiles are of.',
    labelNames: ['of'],
    registers,
  });
  for (const of of HISTOGRAMS) {
    counts.inc({ of }, metrics.count(of));
    if (metrics.count(of) === 0) continue;
    for (const quantile of QUANTILES) {
      latency.set({ of, quantile: String(quantile) }, metrics.percentileMs(of, quantile * 100) / 1000);
    }
  }
  return registry.metrics();
}
