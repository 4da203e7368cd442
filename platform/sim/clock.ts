import type { Clock, Timer } from '../ports/clock.ts';
import { TimerQueue } from './timer-queue.ts';

/**
 * Time that moves only when told to: a virtual day takes as long as its work. Monotonic time starts at 0;
 * the wall clock can be set apart from it, as a device's can.
 */
export class VirtualClock implements Clock {
  private nowMs = 0;
  private wallOffsetMs: number;
  private readonly queue = new TimerQueue();

  constructor(startWallMs: number) {
    this.wallOffsetMs = startWallMs;
  }

  wallMs(): number {
    return this.nowMs + this.wallOffsetMs;
  }

  monoMs(): number {
    return this.nowMs;
  }

  /** The wall clock jumps; timers do not notice. */
  setWallMs(wallMs: number): void {
    this.wallOffsetMs = wallMs - this.nowMs;
  }

  timer(delayMs: number, run: () => void): Timer {
    return this.queue.add(this.nowMs + Math.max(0, delayMs), run);
  }

  every(periodMs: number, run: () => void): Timer {
    return this.queue.addEvery(() => this.nowMs, periodMs, run);
  }

  /** When the next timer is due, on the monotonic clock; null when there is none. */
  get nextDueMs(): number | null {
    return this.queue.first()?.atMs ?? null;
  }

  get timers(): number {
    return this.queue.length;
  }

  /** Runs what falls due within `durationMs`, in order, letting promises settle between timers. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.nowMs + durationMs;
    await settle();
    for (;;) {
      const due = this.queue.first();
      if (due === null || due.atMs > untilMs) break;
      this.queue.removeFirst();
      this.nowMs = Math.max(this.nowMs, due.atMs);
      due.run();
      await settle();
    }
    this.nowMs = untilMs;
  }
}

/** Long enough for what is already runnable, streams included, to run. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}
