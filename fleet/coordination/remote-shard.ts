import type { WorkerLink } from '../coordinate-run.ts';
import { mergeMetrics } from '../metrics/metrics.ts';
import type { ShardSnapshot } from '../run-shard.ts';

/** What a share needs of the pool that it belongs to. */
export interface ShardHost {
  begin(shard: number, startWallMs: number): void;
  stop(shard: number): void;
}

/**
 * One share of a run on whichever machine has it. For who coordinates it is one worker from the beginning to the end,
 * also when the machine under it is lost and another goes on.
 */
export class RemoteShard implements WorkerLink {
  readonly number: number;
  readonly ready: Promise<void>;
  readonly final: Promise<ShardSnapshot>;
  readonly #host: ShardHost;
  /** What machines that were lost had measured. */
  #before: ShardSnapshot | null = null;
  #current: ShardSnapshot | null = null;
  #finished = false;
  markReady: () => void = () => {};
  fail: (error: unknown) => void = () => {};
  #finish: (snapshot: ShardSnapshot) => void = () => {};

  constructor(number: number, host: ShardHost) {
    this.number = number;
    this.#host = host;
    let failReady: (error: unknown) => void = () => {};
    this.ready = new Promise((resolve, reject) => {
      this.markReady = resolve;
      failReady = reject;
    });
    this.final = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.fail = (error) => {
        failReady(error);
        reject(error);
      };
    });
    this.ready.catch(() => {});
    this.final.catch(() => {});
  }

  begin(startWallMs: number): void {
    this.#host.begin(this.number, startWallMs);
  }

  stop(): void {
    this.#host.stop(this.number);
  }

  async kill(): Promise<void> {
    this.stop();
  }

  get isFinished(): boolean {
    return this.#finished;
  }

  get latest(): ShardSnapshot | null {
    return this.#before && this.#current
      ? joined(this.#before, this.#current)
      : (this.#current ?? this.#before);
  }

  take(snapshot: ShardSnapshot): void {
    if (!this.#finished) this.#current = snapshot;
  }

  finish(snapshot: ShardSnapshot): void {
    if (this.#finished) return;
    this.#current = snapshot;
    this.#finished = true;
    this.#finish(this.latest ?? snapshot);
  }

  /** Its machine is lost: what that one measured last is kept. */
  lose(): void {
    if (!this.#current) return;
    const lost = withoutDevices(this.#current);
    this.#before = this.#before ? joined(this.#before, lost) : lost;
    this.#current = null;
  }
}

/**
 * Measurements outlive their machine, its devices do not: they are switched on anew elsewhere and counted there. What
 * they had produced and nobody acknowledged died with their memory.
 */
function withoutDevices(snapshot: ShardSnapshot): ShardSnapshot {
  const { counters } = snapshot.metrics;
  return {
    ...snapshot,
    metrics: {
      ...snapshot.metrics,
      counters: {
        ...counters,
        started: 0,
        reached: 0,
        connected: 0,
        forgotten: counters.forgotten + counters.lost,
        lost: 0,
      },
    },
  };
}

function joined(a: ShardSnapshot, b: ShardSnapshot): ShardSnapshot {
  return {
    metrics: mergeMetrics([a.metrics, b.metrics]).snapshot(),
    loopDelayMs: Math.max(a.loopDelayMs, b.loopDelayMs),
    utilization: Math.max(a.utilization, b.utilization),
    cpuWait: Math.max(a.cpuWait, b.cpuWait),
    memoryBytes: Math.max(a.memoryBytes, b.memoryBytes),
  };
}
