/**
 * Where every being of a site is at any time. A day of somebody is a function of seed, person and date alone: it
 * is the same whoever else is there, in whatever order it is asked for, and whether the day before was run.
 */
import type { Position, Track } from '../association/track.ts';
import { standing } from '../association/track.ts';
import type { Being, Schedule } from '../beings/model.ts';
import { Calendar } from '../calendar.ts';
import { Draws, hash, hash4, subSeed } from '../random.ts';
import type { Site } from '../site/model.ts';
import { asset, fan, patient, resident, visitor } from './at-leisure.ts';
import { pupil, shift, staff } from './at-work.ts';
import type { Day, Plan } from './day.ts';
import { Grounds, type Spot } from './grounds.ts';
import { follow, type Gait, type Itinerary } from './itinerary.ts';

export interface LifeOptions {
  /** How many times as many visitors as usual come at a time. */
  crowdAt?: (tMs: number) => number;
}

const PLANS: Readonly<Record<Exclude<Schedule, 'fixed'>, (day: Day) => Plan>> = {
  staff,
  shift,
  pupil,
  visitor,
  resident,
  patient,
  fan,
  asset,
};

export class Life {
  readonly calendar: Calendar;
  private readonly site: Site;
  private readonly grounds: Grounds;
  private readonly crowdAt: (tMs: number) => number;
  private readonly tracks = new Map<string, Track>();

  constructor(site: Site, { crowdAt = () => 1 }: LifeOptions = {}) {
    this.site = site;
    this.calendar = new Calendar(site.timeZone);
    this.grounds = new Grounds(site);
    this.crowdAt = crowdAt;
  }

  /** What one owner carries shares one track; its laptop stays on the desk at lunch. */
  track(being: Being): Track {
    if (being.schedule === 'fixed') {
      const { floor, x, y } = being.home;
      const headingRad = (hash(subSeed(this.site.seed, 'heading'), being.index) % 6283) / 1000;
      return standing({ floor, x, y, headingRad }, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    }
    const stays = being.kind === 'laptop';
    const key = `${being.owner}${stays ? ' desk' : ''}`;
    const known = this.tracks.get(key);
    if (known) return known;
    const { schedule, owner } = being;
    const home = this.grounds.home(being);
    const track = new DailyTrack(this.calendar, this.grounds, (day) =>
      this.itinerary(schedule, owner, home, day, stays),
    );
    this.tracks.set(key, track);
    return track;
  }

  private itinerary(
    schedule: Exclude<Schedule, 'fixed'>,
    owner: number,
    home: Spot,
    date: number,
    stays: boolean,
  ): Itinerary {
    const { seed, kind = 'office' } = this.site;
    const startMs = this.calendar.startOf(date);
    const { start, moves } = PLANS[schedule]({
      seed,
      kind,
      grounds: this.grounds,
      owner,
      home,
      day: date,
      weekday: this.calendar.weekday(date),
      draws: new Draws(hash4(subSeed(seed, 'day'), owner, date, 0, 0)),
      crowdAt: (msOfDay) => this.crowdAt(startMs + msOfDay),
    });
    const taken = stays ? moves.filter((move) => move.work) : moves;
    return follow(
      taken,
      start,
      this.grounds,
      this.gait(owner),
      new Draws(hash4(subSeed(seed, 'steps'), owner, date, 0, 0)),
    );
  }

  /** Walking speed and the exponent of its flights, each as measured on people. */
  private gait(owner: number): Gait {
    const draws = new Draws(hash(subSeed(this.site.seed, 'gait'), owner));
    return {
      speedMps: Math.round(draws.between(60, 150)) / 100,
      alpha: Math.round(draws.between(70, 170)) / 100,
    };
  }
}

/** Holds the day that was asked for last. */
class DailyTrack implements Track {
  private readonly calendar: Calendar;
  private readonly grounds: Grounds;
  private readonly plan: (day: number) => Itinerary;
  private startMs = 0;
  private endMs = 0;
  private itinerary: Itinerary | null = null;

  constructor(calendar: Calendar, grounds: Grounds, plan: (day: number) => Itinerary) {
    this.calendar = calendar;
    this.grounds = grounds;
    this.plan = plan;
  }

  private dayAt(tMs: number): Itinerary {
    if (this.itinerary && tMs >= this.startMs && tMs < this.endMs) return this.itinerary;
    const day = this.calendar.dayOf(tMs);
    this.startMs = this.calendar.startOf(day);
    this.endMs = this.calendar.startOf(day + 1);
    this.itinerary = this.plan(day);
    return this.itinerary;
  }

  presentAt(tMs: number): boolean {
    const day = this.dayAt(tMs);
    return day.floorAt(tMs - this.startMs) >= 0;
  }

  positionAt(tMs: number): Position {
    const day = this.dayAt(tMs);
    const ms = tMs - this.startMs;
    const floor = this.grounds.floors[Math.max(0, day.floorAt(ms))].id;
    return { floor, ...day.pointAt(ms), headingRad: day.headingAt(ms) };
  }

  restsUntil(tMs: number): number {
    const day = this.dayAt(tMs);
    return Math.min(this.endMs, this.startMs + day.restsUntil(tMs - this.startMs));
  }
}
