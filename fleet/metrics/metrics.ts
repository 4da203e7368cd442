import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js';
import { byName, COUNTERS, type CounterName, HISTOGRAMS, type HistogramName } from './names.ts';

/** Three significant digits: a percentile is within 0.1 % of what was recorded. */
const SIGNIFICANT_DIGITS = 3;

/** Of the percentile's distance to 100: so many values for each half of it. */
const TICKS_PER_HALF_DISTANCE = 20;

const newHistogram = (): Histogram =>
  build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 60_000_000,
    numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
    autoResize: true,
    useWebAssembly: false,
  });

/** One worker's metrics on their way to the report. Histograms in the compressed form of HdrHistogram V2. */
export interface MetricsSnapshot {
  histograms: Record<HistogramName, string>;
  counters: Record<CounterName, number>;
  /** By error code. */
  failuresByCode: Record<string, number>;
}

/** All that a run measures. Merging adds bucket by bucket and count by count: nothing is lost. */
export class Metrics {
  readonly counters = byName(COUNTERS, () => 0);
  readonly failuresByCode = new Map<string, number>();
  private readonly histograms = byName(HISTOGRAMS, newHistogram);

  record(name: HistogramName, ms: number): void {
    this.histograms[name].recordValue(Math.max(0, Math.round(ms * 1000)));
  }

  failed(code: string): void {
    this.counters.failures++;
    this.failuresByCode.set(code, (this.failuresByCode.get(code) ?? 0) + 1);
  }

  count(name: HistogramName): number {
    return this.histograms[name].totalCount;
  }

  /** Milliseconds; NaN when nothing was recorded. */
  percentileMs(name: HistogramName, percentile: number): number {
    return this.count(name) === 0
      ? Number.NaN
      : this.histograms[name].getValueAtPercentile(percentile) / 1000;
  }

  meanMs(name: HistogramName): number {
    return this.count(name) === 0 ? Number.NaN : this.histograms[name].mean / 1000;
  }

  maxMs(name: HistogramName): number {
    return this.count(name) === 0 ? Number.NaN : this.histograms[name].maxValue / 1000;
  }

  /** Values in milliseconds and how many there are up to each, ascending: enough of them for a picture. */
  distributionMs(name: HistogramName): [valueMs: number, count: number][] {
    if (this.count(name) === 0) return [];
    const text = this.histograms[name].outputPercentileDistribution(TICKS_PER_HALF_DISTANCE, 1000);
    // A head, lines of value, percentile, count and 1/(1-percentile), and a tail that begins with #.
    return text
      .split('\n')
      .filter((line) => /^\s*\d/.test(line))
      .map((line) => line.trim().split(/\s+/).map(Number))
      .filter(([value, , count]) => Number.isFinite(value) && Number.isFinite(count))
      .map(([value, , count]) => [value, count]);
  }

  add({ histograms, counters, failuresByCode }: MetricsSnapshot): void {
    for (const name of HISTOGRAMS) this.histograms[name].add(decodeFromCompressedBase64(histograms[name]));
    for (const name of COUNTERS) this.counters[name] += counters[name];
    for (const [code, count] of Object.entries(failuresByCode)) {
      this.failuresByCode.set(code, (this.failuresByCode.get(code) ?? 0) + count);
    }
  }

  snapshot(): MetricsSnapshot {
    return {
      histograms: byName(HISTOGRAMS, (name) => encodeIntoCompressedBase64(this.histograms[name])),
      counters: { ...this.counters },
      failuresByCode: Object.fromEntries(this.failuresByCode),
    };
  }
}

export function mergeMetrics(snapshots: readonly MetricsSnapshot[]): Metrics {
  const total = new Metrics();
  for (const snapshot of snapshots) total.add(snapshot);
  return total;
}
