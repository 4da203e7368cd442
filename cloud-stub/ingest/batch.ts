import type { Clock, Timer } from '../../platform/ports/clock.ts';

interface Waiting<Item> {
  item: Item;
  resolve(): void;
  reject(error: unknown): void;
}

export type Outcome = { ok: true } | { ok: false; error: unknown };

/** A commit is waited for as long as the one before it took, at most this long. */
const LONGEST_DELAY_MS = 25;

/**
 * Group commit: one fsync serves all that came within a few milliseconds, or while half of the time goes into commits
 * already. Who submitted waits until the whole batch is on the disk.
 */
export class Batch<Item> {
  readonly #clock: Clock;
  readonly #commit: (items: Item[]) => Outcome[];
  readonly #delayMs: number;
  readonly #most: number;
  #waiting: Waiting<Item>[] = [];
  #timer: Timer | null = null;
  #lastTookMs = 0;

  constructor(options: {
    clock: Clock;
    delayMs: number;
    most: number;
    /** Commits all; one outcome an item, in order. */
    commit: (items: Item[]) => Outcome[];
  }) {
    this.#clock = options.clock;
    this.#commit = options.commit;
    this.#delayMs = options.delayMs;
    this.#most = options.most;
  }

  /** Resolves when the item is committed. */
  submit(item: Item): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#waiting.length >= this.#most) this.flush();
      else this.#timer ??= this.#clock.timer(this.#nextDelayMs(), () => this.flush());
    });
  }

  #nextDelayMs(): number {
    return Math.max(this.#delayMs, Math.min(this.#lastTookMs, LONGEST_DELAY_MS));
  }

  flush(): void {
    this.#timer?.cancel();
    this.#timer = null;
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    let outcomes: Outcome[];
    const fromMs = this.#clock.monoMs();
    try {
      outcomes = this.#commit(waiting.map(({ item }) => item));
    } catch (error) {
      // Whatever went wrong, those who wait must hear of it, and the next batch must go on.
      outcomes = waiting.map(() => ({ ok: false, error }));
    }
    this.#lastTookMs = this.#clock.monoMs() - fromMs;
    waiting.forEach(({ resolve, reject }, i) => {
      const outcome = outcomes[i];
      if (outcome.ok) resolve();
      else reject(outcome.error);
    });
  }
}
