import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { LoadMonitor } from '../ports/load.ts';

/** The monitor's own timer: what it waits for is no delay. */
const RESOLUTION_MS = 10;

/** Watches the event loop of the thread that calls this, from now on. */
export function nodeLoadMonitor(): LoadMonitor {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const start = performance.eventLoopUtilization();
  const startMs = performance.now();
  const startWaitMs = runQueueWaitMs();
  return {
    loopDelayMs: (percentile) => Math.max(0, delay.percentile(percentile) / 1e6 - RESOLUTION_MS),
    utilization: () => performance.eventLoopUtilization(start).utilization,
    cpuWait: () => Math.min(1, (runQueueWaitMs() - startWaitMs) / Math.max(1, performance.now() - startMs)),
    memoryBytes: () => process.memoryUsage.rss(),
    stop: () => {
      delay.disable();
    },
  };
}

/** What the calling thread has spent runnable and not running so far (proc(5), schedstat); 0 where Linux is not. */
function runQueueWaitMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}
