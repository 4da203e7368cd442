import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { LoadMonitor } from '../ports/load.ts';

/** The monitor's own timer: what it waits for is no delay. */
const RESOLUTION_MS = 10;

/** Watches the event loop of the thread that calls this, from now on. */
export function nodeLoadMonitor(): LoadMonitor {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const start = performance.eventLoopUtilization();
  return {
    loopDelayMs: (percentile) => Math.max(0, delay.percentile(percentile) / 1e6 - RESOLUTION_MS),
    utilization: () => performance.eventLoopUtilization(start).utilization,
    memoryBytes: () => process.memoryUsage.rss(),
    stop: () => {
      delay.disable();
    },
  };
}
