/**
 * Whoever is always on site begins anew once a night, at an hour of its own between two and five: access points
 * end sessions that have lasted a day (RADIUS Session-Timeout, RFC 2865 5.27). So what somebody does at any time
 * follows from at most a day before it, and a run may begin anywhere and find every life under way.
 */
import { Calendar } from '../calendar.ts';
import { hash, subSeed } from '../random.ts';
import type { Site } from '../site/model.ts';

export interface Lifetime {
  /** Date that it begins on, days since 1970-01-01. */
  date: number;
  fromMs: number;
  toMs: number;
}

const HOUR_MS = 3_600_000;
const EARLIEST_MS = 2 * HOUR_MS;
const SPREAD_MS = 3 * HOUR_MS;

export class Lifetimes {
  private readonly calendar: Calendar;
  private readonly seed: number;

  constructor(site: Site) {
    this.calendar = new Calendar(site.timeZone);
    this.seed = subSeed(site.seed, 'lifetime');
  }

  /** The one that a time is in, of being number `index`. */
  at(index: number, tMs: number): Lifetime {
    const date = this.calendar.dayOf(tMs);
    const fromMs = this.beginning(index, date);
    if (tMs >= fromMs) return { date, fromMs, toMs: this.beginning(index, date + 1) };
    return { date: date - 1, fromMs: this.beginning(index, date - 1), toMs: fromMs };
  }

  /** Those that begin before `toMs`, from the one that `fromMs` is in. */
  *between(index: number, fromMs: number, toMs: number): Generator<Lifetime> {
    for (let one = this.at(index, fromMs); one.fromMs < toMs; one = this.at(index, one.toMs)) yield one;
  }

  private beginning(index: number, date: number): number {
    return this.calendar.startOf(date) + EARLIEST_MS + (hash(this.seed, index, date) % SPREAD_MS);
  }
}
