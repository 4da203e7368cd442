import type { FleetConfig } from '../config.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { byName, type CounterName, HISTOGRAMS, type HistogramName } from '../metrics/names.ts';
import type { TargetSettings } from '../target/settings.ts';
import type { TimelinePoint } from './timeline.ts';
import { type Evidence, judge, OUTCOMES, type Outcome, type ThresholdResult } from './verdict.ts';

/** Of one histogram, milliseconds; null where nothing was recorded. */
export interface Latency {
  count: number;
  mean: number | null;
  p50: number | null;
  p90: number | null;
  p99: number | null;
  p999: number | null;
  max: number | null;
}

/** One run, whole: what every format of report is made from. */
export interface FleetReport {
  outcome: Outcome;
  exitCode: number;
  reasons: string[];
  cloud: string;
  /** How devices proved themselves. */
  proof: TargetSettings['proof'];
  /** Who acknowledged: the cloud, from its store, or a broker, which says no more than that it took the message. */
  acknowledgedBy: 'cloud' | 'broker';
  shape: string;
  devices: number;
  workers: number;
  elapsedMs: number;
  counters: Record<CounterName, number>;
  failuresByCode: Record<string, number>;
  latenciesMs: Record<HistogramName, Latency>;
  /** Milliseconds, and how many values are up to them. */
  distributionsMs: Record<HistogramName, [valueMs: number, count: number][]>;
  timeline: TimelinePoint[];
  /** Other machines that took part; empty for a run on one. */
  machines: Machine[];
  thresholds: ThresholdResult[];
  generator: {
    /** Of the busiest worker: 99th percentile of how late its timers were. */
    loopDelayMs: number;
    /** Of the busiest worker, 0 to 1. */
    utilization: number;
    /** Of the worker that waited most for a processor: share of the time, 0 to 1. */
    cpuWait: number;
    memoryBytes: number;
  };
}

/** One of several machines that made the load together. */
export interface Machine {
  name: string;
  /** Shares of the devices that it had at the end. */
  shards: number[];
  /** How far its clock was ahead of the coordinator's when it was measured last. */
  clockOffsetMs: number;
  state: 'finished' | 'lost';
}

export interface RunEvidence extends Evidence {
  timeline: TimelinePoint[];
  machines?: Machine[];
  elapsedMs: number;
  memoryBytes: number;
}

export function reportOf(evidence: RunEvidence, config: FleetConfig, workers: number): FleetReport {
  const { metrics } = evidence;
  const verdict = judge(evidence, config);
  return {
    outcome: verdict.outcome,
    exitCode: OUTCOMES[verdict.outcome],
    reasons: verdict.reasons,
    cloud: config.cloud,
    proof: config.target.proof,
    acknowledgedBy: config.target.proof === 'none' ? 'broker' : 'cloud',
    shape: config.shape.kind,
    devices: config.devices,
    workers,
    elapsedMs: Math.round(evidence.elapsedMs),
    counters: { ...metrics.counters },
    failuresByCode: Object.fromEntries(metrics.failuresByCode),
    latenciesMs: latenciesOf(metrics),
    distributionsMs: byName(HISTOGRAMS, (name) => metrics.distributionMs(name)),
    timeline: evidence.timeline,
    machines: evidence.machines ?? [],
    thresholds: verdict.thresholds,
    generator: {
      loopDelayMs: Math.max(0, ...evidence.workers.map(({ loopDelayMs }) => loopDelayMs)),
      utilization: Math.max(0, ...evidence.workers.map(({ utilization }) => utilization)),
      cpuWait: Math.max(0, ...evidence.workers.map(({ cpuWait }) => cpuWait)),
      memoryBytes: evidence.memoryBytes,
    },
  };
}

export function latenciesOf(metrics: Metrics): Record<HistogramName, Latency> {
  const of = (name: HistogramName): Latency => {
    const known = (value: number): number | null => (Number.isNaN(value) ? null : value);
    const percentile = (p: number) => known(metrics.percentileMs(name, p));
    return {
      count: metrics.count(name),
      mean: known(metrics.meanMs(name)),
      p50: percentile(50),
      p90: percentile(90),
      p99: percentile(99),
      p999: percentile(99.9),
      max: known(metrics.maxMs(name)),
    };
  };
  return byName(HISTOGRAMS, of);
}
