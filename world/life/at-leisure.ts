/** Days of those who come and go as they like, of those who live there, and of things that are moved. */
import type { SiteKind } from '../site/model.ts';
import {
  about,
  type Day,
  HOUR_MS,
  MINUTE_MS,
  minutes,
  type Outing,
  type Plan,
  presence,
  seatIn,
  someRoom,
  together,
} from './day.ts';
import { arrivals, type BiPareto, biParetoQuantile } from './durations.ts';
import type { Spot } from './grounds.ts';

const SATURDAY = 5;
const SUNDAY = 6;

interface Visiting {
  /** Visits a day of one person. */
  perDay: number;
  /** Share of the day's arrivals in each hour, any scale. */
  byHour: readonly number[];
  /** Minutes. */
  stay: BiPareto;
  closesH: number;
  sundays: boolean;
  saturdays: boolean;
}

const hours = (fromH: number, weights: readonly number[]): number[] =>
  Array.from({ length: 24 }, (_, hour) => weights[hour - fromH] ?? 0);

const BUSINESS: Visiting = {
  perDay: 0.35,
  byHour: hours(8, [2, 6, 8, 6, 2, 5, 8, 6, 3, 1]),
  stay: { alpha: 0.15, beta: 2.2, c: 12, k: 5 },
  closesH: 19,
  sundays: false,
  saturdays: false,
};

export const VISITING: Readonly<Record<SiteKind, Visiting>> = {
  office: BUSINESS,
  school: BUSINESS,
  stadium: BUSINESS,
  home: { ...BUSINESS, perDay: 0.1, closesH: 23, sundays: true, saturdays: true },
  shop: {
    perDay: 0.25,
    byHour: hours(9, [2, 4, 6, 8, 7, 6, 7, 9, 10, 8, 3]),
    stay: { alpha: 0.2, beta: 2.5, c: 10, k: 2 },
    closesH: 20,
    sundays: false,
    saturdays: true,
  },
  hospital: {
    perDay: 0.4,
    byHour: hours(10, [2, 3, 2, 2, 6, 9, 9, 7, 5]),
    stay: { alpha: 0.15, beta: 2.2, c: 12, k: 5 },
    closesH: 20,
    sundays: true,
    saturdays: true,
  },
};

/** Arrivals by the hour, stays of a BiPareto law, out by closing time. */
export function visitor(day: Day): Plan {
  const { draws } = day;
  const visiting = VISITING[day.kind];
  const plan: Plan = { start: null, moves: [] };
  if ((day.weekday === SUNDAY && !visiting.sundays) || (day.weekday === SATURDAY && !visiting.saturdays)) {
    return plan;
  }
  const kind = day.grounds.roomKind(day.home);
  const wander = kind === 'shop' || kind === 'lobby' ? 'room' : 'no';
  let freeMs = 0;
  for (const atMs of arrivals(draws, visiting.perDay, visiting.byHour, day.crowdAt)) {
    const stayMs = Math.round(biParetoQuantile(visiting.stay, 1 - draws.uniform()) * MINUTE_MS);
    const closesMs = visiting.closesH * HOUR_MS - minutes(draws, 1, 10);
    const toMs = Math.min(atMs + stayMs, closesMs);
    if (atMs < freeMs || toMs <= atMs) continue;
    plan.moves.push(
      { atMs, to: day.home, wander, work: true },
      { atMs: toMs, to: null, wander: 'no', work: true },
    );
    freeMs = toMs + 15 * MINUTE_MS;
  }
  return plan;
}

/** At home, but for work on most weekdays; from room to room while awake. */
export function resident(day: Day): Plan {
  const { draws } = day;
  const awakeMs = about(draws, 7, 0.5, 5.5, 9);
  const asleepMs = about(draws, 22.8, 0.5, 21, 23.8);
  const out = day.weekday < SATURDAY ? draws.chance(0.8) : draws.chance(0.5);
  const fromMs = day.weekday < SATURDAY ? about(draws, 8.2, 0.4, 7, 10) : about(draws, 12, 2, 9, 17);
  const toMs = day.weekday < SATURDAY ? about(draws, 17.6, 0.8, 15, 21) : fromMs + minutes(draws, 60, 200);
  const outings: Outing[] = out ? [{ fromMs, toMs, to: null, wander: 'no', work: false }] : [];
  for (let t = awakeMs; t < asleepMs; ) {
    const room = someRoom(day, ['home']);
    const lasts = Math.round(draws.exponential(35 * MINUTE_MS)) + MINUTE_MS;
    if (out && t >= fromMs && t < toMs) {
      t = toMs;
      continue;
    }
    const end = out && t < fromMs ? Math.min(t + lasts, fromMs) : t + lasts;
    if (room) outings.push({ fromMs: t, toMs: end, to: seatIn(day, room, t), wander: 'no', work: false });
    t = end;
  }
  return { start: day.home, moves: presence(0, 24 * HOUR_MS, day.home, outings, false) };
}

/** In bed, with a few walks along the corridor. */
export function patient(day: Day): Plan {
  const { draws } = day;
  const outings = Array.from({ length: draws.integer(1, 4) }, (): Outing => {
    const fromMs = about(draws, 14, 3, 8.5, 20);
    const hall = someRoom(day, ['corridor', 'lobby', 'canteen']);
    return {
      fromMs,
      toMs: fromMs + minutes(draws, 5, 20),
      to: hall ?? day.home,
      wander: 'room',
      work: false,
    };
  });
  return { start: day.home, moves: presence(0, 24 * HOUR_MS, day.home, outings, false) };
}

const MATCH_MIN = 45;
const HALF_TIME_MIN = 15;

/** Kick-off of the day, hours: Saturdays at half past three, one Wednesday of three at eight; else null. */
export function kickOffH(day: Pick<Day, 'seed' | 'day' | 'weekday'>): number | null {
  if (day.weekday === SATURDAY) return 15.5;
  return day.weekday === 2 && Math.floor(day.day / 7) % 3 === day.seed % 3 ? 20 : null;
}

/** Comes to the match, to the concourse at half-time, and leaves with everybody else. */
export function fan(day: Day): Plan {
  const { draws } = day;
  const kickOff = kickOffH(day);
  if (kickOff === null || !draws.chance(0.9)) return { start: null, moves: [] };
  const startMs = kickOff * HOUR_MS;
  const from = startMs - about(draws, 0.7, 0.35, -0.2, 1.8);
  const to = startMs + (2 * MATCH_MIN + HALF_TIME_MIN) * MINUTE_MS + minutes(draws, -5, 15);
  const half = startMs + MATCH_MIN * MINUTE_MS + minutes(draws, -2, 3);
  const hall = draws.chance(0.5) ? someRoom(day, ['corridor', 'shop', 'lobby']) : null;
  const outings: Outing[] = hall
    ? [{ fromMs: half, toMs: half + minutes(draws, 6, 16), to: hall, wander: 'no', work: false }]
    : [];
  return { start: null, moves: presence(from, to, day.home, outings, true) };
}

/** A bed, a pump, a pallet: taken somewhere now and then, and brought back. */
export function asset(day: Day): Plan {
  const { draws } = day;
  const kind = day.grounds.roomKind(day.home);
  const kinds =
    kind === 'store' || kind === 'ward'
      ? (['ward', 'store'] as const)
      : ([kind ?? 'office', 'meeting'] as const);
  const shared = together(day, 'assets', day.owner);
  const outings = Array.from({ length: shared.integer(0, 3) }, (): Outing => {
    const fromMs = about(draws, 13, 4, 6, 21);
    const room: Spot = someRoom(day, kinds) ?? day.home;
    return {
      fromMs,
      toMs: fromMs + minutes(draws, 20, 120),
      to: seatIn(day, room, fromMs),
      wander: 'no',
      work: true,
    };
  });
  return { start: day.home, moves: presence(0, 24 * HOUR_MS, day.home, outings, false) };
}
