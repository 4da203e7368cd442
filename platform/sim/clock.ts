import type { Clock, Timer } from '../ports/clock.ts';

interface Due {
  atMs: number;
  order: number;
  run: () => void;
}

/**
 * Time that moves only when told to: a virtual day takes as long as its work. Monotonic time starts at 0;
 * the wall clock can be set apart from it, as a device's can.
 */
export class VirtualClock implements Clock {
  private nowMs = 0;
  private wallOffsetMs: number;
  private order = 0;
  private readonly queue: Due[] = [];

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
    const due: Due = { atMs: this.nowMs + Math.max(0, delayMs), order: this.order++, run };
    this.queue.push(due);
    return { cancel: () => this.drop(due) };
  }

  every(periodMs: number, run: () => void): Timer {
    let next: Timer;
    const again = () => {
      next = this.timer(periodMs, again);
      run();
    };
    next = this.timer(periodMs, again);
    return { cancel: () => next.cancel() };
  }

  /** When the next timer is due, on the monotonic clock; null when there is none. */
  get nextDueMs(): number | null {
    return this.queue.length === 0 ? null : this.earliest().atMs;
  }

  get timers(): number {
    return this.queue.length;
  }

  /** Runs what falls due within `durationMs`, in order, letting promises settle between timers. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.nowMs + durationMs;
    await settle();
    while (this.queue.length > 0) {
      const due = this.earliest();
      if (due.atMs > untilMs) break;
      this.drop(due);
      this.nowMs = Math.max(this.nowMs, due.atMs);
      due.run();
      await settle();
    }
    this.nowMs = untilMs;
  }

  private earliest(): Due {
    return this.queue.reduce((a, b) => (b.atMs < a.atMs || (b.atMs === a.atMs && b.order < a.order) ? b : a));
  }

  private drop(due: Due): void {
    const at = this.queue.indexOf(due);
    if (at >= 0) this.queue.splice(at, 1);
  }
}

/** Long enough for what is already runnable, streams included, to run. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}
