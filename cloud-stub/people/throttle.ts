import type { Clock } from '../../platform/ports/clock.ts';

const WINDOW_MS = 15 * 60_000;
/** Keys that are remembered; of more, the oldest are forgotten first. */
const MOST_KEYS = 100_000;

/** Counts failures per key; says how long to wait when there were too many of late. */
export class Throttle {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #failures = new Map<string, number[]>();

  constructor(clock: Clock, most: number) {
    this.#clock = clock;
    this.#most = most;
  }

  /** Milliseconds until the next attempt is looked at; 0 for now. */
  waitMs(key: string): number {
    const recent = this.#recent(key);
    return recent.length < this.#most
      ? 0
      : recent[recent.length - this.#most] + WINDOW_MS - this.#clock.monoMs();
  }

  failed(key: string): void {
    const recent = [...this.#recent(key), this.#clock.monoMs()];
    this.#failures.delete(key);
    this.#failures.set(key, recent);
    const oldest = this.#failures.keys().next();
    if (this.#failures.size > MOST_KEYS && !oldest.done) this.#failures.delete(oldest.value);
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }

  #recent(key: string): number[] {
    const nowMs = this.#clock.monoMs();
    return (this.#failures.get(key) ?? []).filter((atMs) => nowMs - atMs < WINDOW_MS);
  }
}
