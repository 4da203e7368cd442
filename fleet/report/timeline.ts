import type { CounterName } from '../metrics/names.ts';

const KEPT = ['connected', 'logins', 'failures', 'acknowledged', 'lost'] as const satisfies CounterName[];

/** What the counters were at one instant of the run. */
export type TimelinePoint = { atMs: number } & Record<(typeof KEPT)[number], number>;

/** A run of any length is this many points at most: twice as many are thinned out to half. */
const MOST = 240;

export class Timeline {
  #points: TimelinePoint[] = [];
  #everyMs = 0;

  add(atMs: number, counters: Readonly<Record<CounterName, number>>): void {
    const last = this.#points.at(-1);
    if (last && atMs - last.atMs < this.#everyMs) return;
    const { connected, logins, failures, acknowledged, lost } = counters;
    this.#points.push({ atMs: Math.round(atMs), connected, logins, failures, acknowledged, lost });
    if (this.#points.length < MOST) return;
    this.#points = this.#points.filter((_, i) => i % 2 === 0);
    const [first, second] = this.#points;
    this.#everyMs = second.atMs - first.atMs;
  }

  points(): TimelinePoint[] {
    return [...this.#points];
  }
}
