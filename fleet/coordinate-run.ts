import type { Clock, Timer } from '../platform/ports/clock.ts';
import { sleep } from '../platform/ports/clock.ts';
import type { FleetConfig } from './config.ts';
import { type Metrics, mergeMetrics } from './metrics/metrics.ts';
import { type FleetReport, reportOf } from './report/report.ts';
import { Timeline } from './report/timeline.ts';
import type { ShardSnapshot } from './run-shard.ts';

/** One worker, wherever it runs. */
export interface WorkerLink {
  /** Its identities are loaded. Rejects with an AirherdError when they cannot be. */
  readonly ready: Promise<void>;
  /**
   * The schedule begins at this wall time, milliseconds. `resumeWallMs`: another worker had this share until now, and
   * what was due before is due then.
   */
  begin(startWallMs: number, resumeWallMs?: number): void;
  /** Asks it to stop its devices; `final` follows. */
  stop(): void;
  readonly latest: ShardSnapshot | null;
  /** The last snapshot, once all its devices are stopped. Rejects when the worker died. */
  readonly final: Promise<ShardSnapshot>;
  kill(): Promise<void>;
}

export interface RunProgress {
  elapsedMs: number;
  metrics: Metrics;
}

const LEAD_MS = 100;
const WATCH_MS = 500;
/** From a stop to the report, at most: agents take 2 s to drain and half a second to close. */
const STOP_MS = 4_000;

/** Runs the schedule on all workers, watches, and reports. Rejects only when a worker could not get ready. */
export async function coordinateRun(
  config: FleetConfig,
  workers: readonly WorkerLink[],
  clock: Clock,
  onProgress: (progress: RunProgress) => void,
  signal: AbortSignal,
  /** From the word to the beginning: it has to reach every worker. */
  leadMs: number = LEAD_MS,
): Promise<FleetReport> {
  try {
    await Promise.all(workers.map(({ ready }) => ready));
    return await observed(config, workers, clock, onProgress, signal, leadMs);
  } finally {
    await Promise.all(workers.map((worker) => worker.kill()));
  }
}

async function observed(
  config: FleetConfig,
  workers: readonly WorkerLink[],
  clock: Clock,
  onProgress: (progress: RunProgress) => void,
  signal: AbortSignal,
  leadMs: number,
): Promise<FleetReport> {
  const startMs = clock.monoMs() + leadMs;
  for (const worker of workers) worker.begin(clock.wallMs() + leadMs);
  const elapsedMs = () => Math.max(0, clock.monoMs() - startMs);
  const latest = () => workers.map((worker) => worker.latest).filter((snapshot) => snapshot !== null);
  const stopAll = () => {
    for (const worker of workers) worker.stop();
  };
  const timeline = new Timeline();
  let gaveUp: string | null = null;
  let workersLost = 0;
  let firstInMs: number | null = null;
  const watch: Timer = clock.every(WATCH_MS, () => {
    const metrics = mergeMetrics(latest().map((snapshot) => snapshot.metrics));
    timeline.add(elapsedMs(), metrics.counters);
    onProgress({ elapsedMs: elapsedMs(), metrics });
    if (metrics.counters.reached > 0) firstInMs ??= elapsedMs();
    gaveUp ??= hopeless(metrics, elapsedMs(), firstInMs, config.giveUp);
    if (gaveUp !== null) stopAll();
  });
  const finals = workers.map((worker) =>
    worker.final.catch(() => {
      workersLost++;
      stopAll();
      return worker.latest;
    }),
  );
  const onAbort = () => stopAll();
  if (signal.aborted) stopAll();
  signal.addEventListener('abort', onAbort, { once: true });
  const settled = Promise.all(finals);
  const late = lateAfterStop(clock, signal, settled);
  const snapshots = (await Promise.race([settled, late])) ?? latest();
  watch.cancel();
  signal.removeEventListener('abort', onAbort);
  const known = snapshots.filter((snapshot) => snapshot !== null);
  const evidence = {
    metrics: mergeMetrics(known.map((snapshot) => snapshot.metrics)),
    workers: known,
    timeline: timeline.points(),
    workersLost,
    aborted: signal.aborted,
    gaveUp,
    elapsedMs: Math.min(elapsedMs(), signal.aborted || gaveUp !== null ? elapsedMs() : config.for),
    memoryBytes: Math.max(0, ...known.map((snapshot) => snapshot.memoryBytes)),
  };
  return reportOf(evidence, config, workers.length);
}

/** Null `STOP_MS` after an abort: who has not answered by then is not waited for. */
function lateAfterStop(clock: Clock, signal: AbortSignal, settled: Promise<unknown>): Promise<null> {
  return new Promise((resolve) => {
    const waiting = new AbortController();
    void settled.then(() => waiting.abort());
    const wait = () => {
      void sleep(clock, STOP_MS, waiting.signal).then(
        () => resolve(null),
        () => {},
      );
    };
    if (signal.aborted) wait();
    else signal.addEventListener('abort', wait, { once: true });
  });
}

/** Why to go on would tell nothing more; null while it would. */
function hopeless(
  { counters }: Metrics,
  elapsedMs: number,
  firstInMs: number | null,
  giveUpMs: number,
): string | null {
  const within = `within ${giveUpMs / 1000} s`;
  if (counters.started > 0 && counters.reached === 0 && elapsedMs >= giveUpMs) {
    return `the target let nobody in ${within}`;
  }
  const inMs = firstInMs === null ? 0 : elapsedMs - firstInMs;
  if (counters.produced > 0 && counters.acknowledged === 0 && inMs >= giveUpMs) {
    return `the target acknowledged nothing ${within}`;
  }
  return null;
}
