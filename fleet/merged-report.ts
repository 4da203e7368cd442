import type { FleetConfig } from './config.ts';
import { mergeMetrics } from './metrics/metrics.ts';
import { type FleetReport, reportOf } from './report/report.ts';
import type { ShardSnapshot } from './run-shard.ts';

/** One report of parts that ran by themselves; those that are missing count as workers that died. */
export function mergedReport(
  config: FleetConfig,
  parts: readonly ShardSnapshot[],
  missing: number,
): FleetReport {
  return reportOf(
    {
      metrics: mergeMetrics(parts.map(({ metrics }) => metrics)),
      workers: parts,
      workersLost: missing,
      aborted: false,
      gaveUp: null,
      elapsedMs: config.for,
      memoryBytes: Math.max(0, ...parts.map(({ memoryBytes }) => memoryBytes)),
      timeline: [],
    },
    config,
    parts.length + missing,
  );
}
