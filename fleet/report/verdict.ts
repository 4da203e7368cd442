import type { FleetConfig } from '../config.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { meets, type Threshold } from '../thresholds/threshold.ts';

/** How a run ended, and what its command exits with. Bad configuration never gets this far: it exits with 2. */
export const OUTCOMES = {
  passed: 0,
  'target-failed': 10,
  'thresholds-failed': 11,
  'generator-limit': 12,
  aborted: 13,
} as const;
export type Outcome = keyof typeof OUTCOMES;

export interface ThresholdResult {
  text: string;
  /** Milliseconds or a number; null when nothing was measured. */
  value: number | null;
  met: boolean;
}

/** What a worker's thread went through. */
export interface WorkerLoad {
  loopDelayMs: number;
  utilization: number;
  cpuWait: number;
}

export interface Evidence {
  metrics: Metrics;
  workers: readonly WorkerLoad[];
  /** Workers that died. */
  workersLost: number;
  aborted: boolean;
  /** Why the run was ended early; null when it was not. */
  gaveUp: string | null;
}

export interface Verdict {
  outcome: Outcome;
  /** Everything that was wrong, in words, also what did not decide. */
  reasons: string[];
  thresholds: ThresholdResult[];
}

/**
 * Aborted before generator before target before thresholds: numbers of a run that was cut short or that the
 * generator could not keep up with say nothing about the target.
 */
export function judge(evidence: Evidence, config: FleetConfig): Verdict {
  const { metrics } = evidence;
  const thresholds = config.thresholds.map((threshold) => judgeThreshold(threshold, metrics));
  const generator = generatorProblems(evidence, config);
  const target = targetProblems(evidence);
  const missed = thresholds.filter(({ met }) => !met).map(({ text, value }) => missedText(text, value));
  return {
    outcome: firstOf(evidence.aborted, generator, target, missed),
    reasons: [...(evidence.aborted ? ['stopped before its end'] : []), ...generator, ...target, ...missed],
    thresholds,
  };
}

function firstOf(aborted: boolean, generator: string[], target: string[], missed: string[]): Outcome {
  if (aborted) return 'aborted';
  if (generator.length > 0) return 'generator-limit';
  if (target.length > 0) return 'target-failed';
  return missed.length > 0 ? 'thresholds-failed' : 'passed';
}

const missedText = (text: string, value: number | null): string =>
  `threshold ${text}: ${value === null ? 'nothing was measured' : `it was ${rounded(value)}`}`;

export const rounded = (value: number): string => String(Math.round(value * 1000) / 1000);

function judgeThreshold(threshold: Threshold, metrics: Metrics): ThresholdResult {
  const value = measured(threshold.metric, metrics);
  const { text } = threshold;
  return Number.isNaN(value)
    ? { text, value: null, met: false }
    : { text, value, met: meets(threshold, value) };
}

function measured(metric: Threshold['metric'], metrics: Metrics): number {
  if ('counter' in metric) return metrics.counters[metric.counter];
  const { histogram, statistic } = metric;
  switch (statistic) {
    case 'mean':
      return metrics.meanMs(histogram);
    case 'max':
      return metrics.maxMs(histogram);
    case 'count':
      return metrics.count(histogram);
    default:
      return metrics.percentileMs(histogram, statistic.percentile);
  }
}

function generatorProblems({ metrics, workers, workersLost }: Evidence, config: FleetConfig): string[] {
  const { maxSlip, maxLoopDelay, maxCpuWait } = config.generator;
  const problems: string[] = [];
  if (workersLost > 0) problems.push(`${workersLost} of the generator's workers died`);
  const slipMs = metrics.percentileMs('slip', 99);
  if (slipMs > maxSlip) {
    problems.push(`the generator was late: p99 of its slip is ${rounded(slipMs)} ms, above ${maxSlip} ms`);
  }
  const delayMs = Math.max(0, ...workers.map(({ loopDelayMs }) => loopDelayMs));
  if (delayMs > maxLoopDelay) {
    problems.push(
      `the generator's event loop was late: p99 is ${rounded(delayMs)} ms, above ${maxLoopDelay} ms`,
    );
  }
  const wait = Math.max(0, ...workers.map(({ cpuWait }) => cpuWait));
  if (wait > maxCpuWait) {
    problems.push(
      `the generator waited for a processor ${percent(wait)} of the time, above ${percent(maxCpuWait)}`,
    );
  }
  const noneLeft = metrics.failuresByCode.get('local-limit') ?? 0;
  if (noneLeft > 0) problems.push(`${noneLeft} connections failed for want of local ports or open files`);
  return problems;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

function targetProblems({ metrics, gaveUp }: Evidence): string[] {
  const { started, reached, failures, produced, acknowledged } = metrics.counters;
  const problems = gaveUp === null ? [] : [gaveUp];
  if (started > 0 && reached < started && failures > 0) {
    problems.push(`${started - reached} of ${started} devices never got in (${commonest(metrics)})`);
  }
  if (reached > 0 && produced > 0 && acknowledged === 0) {
    problems.push(`of ${produced} messages none was acknowledged`);
  }
  return problems;
}

/** The error that was seen most. */
function commonest({ failuresByCode }: Metrics): string {
  const [first] = [...failuresByCode].sort(([, a], [, b]) => b - a);
  return first === undefined ? 'no error' : `${first[0]}, ${first[1]} times`;
}
