import type { Clock, Timer } from '../ports/clock.ts';
import { TimerQueue } from './timer-queue.ts';

interface Waiter {
  holds(): boolean;
  untilMs: number;
  resolve(held: boolean): void;
  reject(error: unknown): void;
}

export interface SettlingOptions {
  /** Wall time at the start, milliseconds since the Unix epoch. */
  startMs: number;
  /** Grows with all that is done over real sockets. */
  activity(): number;
  /** Something is under way over real sockets that will end without a timer. */
  isBusy(): boolean;
}

/** Turns of the event loop in which nothing was read or written: what was sent over loopback has arrived. */
const QUIET_TURNS = 12;
/** Where a timer moved nothing. */
const IDLE_TURNS = 3;
/** Turns that something under way may take without a byte, and no timer of ours being the reason. */
const MOST_BUSY_TURNS = 2_000;
/** Requests of Node's that end by themselves: files, DNS, keys. Sockets that wait for others are none. */
const REQUEST = /Req|^ConnectWrap|TCPConnectWrap|WriteWrap|ShutdownWrap|Job|Request/;

/**
 * Virtual time beside real sockets: it moves only when told to, and only when all that was sent at this instant has
 * been received and answered. So what happens when is decided by the timers, and not by the machine.
 */
export class SettlingClock implements Clock {
  private nowMs = 0;
  private wallOffsetMs: number;
  private readonly queue = new TimerQueue();
  private readonly waiting = new Set<Waiter>();
  private isDriven = false;
  private readonly options: SettlingOptions;

  constructor(options: SettlingOptions) {
    this.options = options;
    this.wallOffsetMs = options.startMs;
  }

  /** Whole, as the machine's: a timer may be due at a part of a millisecond. */
  wallMs(): number {
    return Math.floor(this.nowMs + this.wallOffsetMs);
  }

  monoMs(): number {
    return this.nowMs;
  }

  timer(delayMs: number, run: () => void): Timer {
    return this.queue.add(this.nowMs + Math.max(0, delayMs), run);
  }

  every(periodMs: number, run: () => void): Timer {
    return this.queue.addEvery(() => this.nowMs, periodMs, run);
  }

  /** Timers that will still run. */
  get timers(): number {
    return this.queue.length;
  }

  /** Runs what falls due within `durationMs`, in order. */
  async advance(durationMs: number): Promise<void> {
    await this.until(() => false, durationMs);
  }

  /**
   * Runs what falls due until `holds`; false when it does not within `durationMs`. Who waits at the same time as
   * somebody else waits for the same time.
   */
  until(holds: () => boolean, durationMs: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.waiting.add({ holds, untilMs: this.nowMs + durationMs, resolve, reject });
      if (this.isDriven) return;
      this.isDriven = true;
      void this.drive();
    });
  }

  private async drive(): Promise<void> {
    for (;;) {
      await this.settle();
      if (this.answerSome()) continue;
      if (this.waiting.size === 0) {
        this.isDriven = false;
        return;
      }
      const untilMs = Math.min(...[...this.waiting].map((waiter) => waiter.untilMs));
      const due = this.queue.first();
      if (due === null || due.atMs > untilMs) {
        this.nowMs = untilMs;
        continue;
      }
      this.queue.removeFirst();
      this.nowMs = Math.max(this.nowMs, due.atMs);
      due.run();
    }
  }

  /** Whoever has what it waited for, or has waited long enough. */
  private answerSome(): boolean {
    let answered = false;
    for (const waiter of [...this.waiting]) {
      const { holds, untilMs, resolve, reject } = waiter;
      try {
        const isSo = holds();
        if (!isSo && this.nowMs < untilMs) continue;
        resolve(isSo);
      } catch (error) {
        reject(error);
      }
      this.waiting.delete(waiter);
      answered = true;
    }
    return answered;
  }

  /** Until nothing moves any more at this instant. */
  async settle(): Promise<void> {
    const { activity, isBusy } = this.options;
    let before = activity();
    let wanted = IDLE_TURNS;
    let busyTurns = 0;
    for (let quiet = 0; quiet < wanted; ) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const now = activity();
      if (now !== before) {
        before = now;
        wanted = QUIET_TURNS;
        quiet = 0;
        busyTurns = 0;
        continue;
      }
      quiet++;
      if (quiet < wanted || busyTurns >= MOST_BUSY_TURNS || !(isBusy() || hasRequests())) continue;
      busyTurns++;
      quiet = 0;
      wanted = QUIET_TURNS;
    }
  }
}

const hasRequests = (): boolean => process.getActiveResourcesInfo().some((name) => REQUEST.test(name));
