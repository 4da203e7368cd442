/** Days of those who have to be there: staff, shifts, pupils. */
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

const ABSENT: Plan = { start: null, moves: [] };
const SATURDAY = 5;
const CLOSING_H = 20;
/** People who meet each other. */
const TEAM = 8;

/** Nine to half past five, more or less, with lunch, the team's meetings and the ways in between. */
export function staff(day: Day): Plan {
  const { draws } = day;
  const worksAtWeekend = day.kind === 'shop' ? 0.5 : 0.04;
  const comes = day.weekday >= SATURDAY ? (day.weekday === 6 ? 0.04 : worksAtWeekend) : 0.88;
  if (!draws.chance(comes)) return ABSENT;
  const from = about(draws, 8.75, 0.6, 6.5, 11);
  const to = Math.min(
    from + about(draws, 8.5, 0.7, 5, 11),
    about(draws, CLOSING_H - 0.2, 0.1, 19, CLOSING_H),
  );
  return {
    start: null,
    moves: presence(from, to, day.home, [...meetings(day), lunch(day), ...errands(day, from, to)], true),
  };
}

function lunch(day: Day): Outing {
  const { draws } = day;
  const fromMs = about(draws, 12.3, 0.3, 11.5, 13.5);
  const toMs = fromMs + about(draws, 0.75, 0.15, 0.4, 1.25);
  const canteen = draws.chance(0.55) ? null : someRoom(day, ['canteen']);
  return { fromMs, toMs, to: canteen && seatIn(day, canteen, day.day), wander: 'no', work: false };
}

/** Whole and half hours, the same for the whole team, in the same room. */
function meetings(day: Day): Outing[] {
  const rooms = day.grounds.rooms(['meeting'], day.home.floor);
  if (rooms.length === 0) return [];
  const team = Math.floor(day.owner / TEAM);
  const plan = together(day, 'meetings', team);
  return Array.from({ length: plan.integer(0, 3) }, (): Outing => {
    const fromMs = plan.pick([9, 9.5, 10, 10.5, 11, 13.5, 14, 14.5, 15, 15.5, 16]) * HOUR_MS;
    const toMs = fromMs + plan.pick([30, 45, 60, 60, 90]) * MINUTE_MS;
    const room = plan.pick(rooms);
    const late = minutes(day.draws, -4, 2);
    return { fromMs: fromMs + late, toMs, to: seatIn(day, room, fromMs), wander: 'no', work: true };
  }).filter(() => day.draws.chance(0.85));
}

/** Coffee, the printer, a word with somebody. */
function errands(day: Day, from: number, to: number): Outing[] {
  const { draws } = day;
  const outings: Outing[] = [];
  for (let t = from + draws.exponential(75 * MINUTE_MS); t < to; t += draws.exponential(75 * MINUTE_MS)) {
    const room = someRoom(day, ['corridor', 'canteen', 'office', 'shop', 'store', 'class']);
    if (!room) return outings;
    const inShop = day.grounds.roomKind(room) === 'shop';
    const fromMs = Math.round(t);
    outings.push({
      fromMs,
      toMs: fromMs + minutes(draws, 2, 12),
      to: seatIn(day, room, fromMs),
      wander: inShop ? 'room' : 'no',
      work: false,
    });
  }
  return outings;
}

const SHIFTS = [
  { fromH: 6, toH: 14 },
  { fromH: 14, toH: 22 },
  { fromH: 22, toH: 30 },
] as const;

/** The shift that somebody has on a day, by week in turn; null on the two days off of seven. */
function shiftOn(day: Day, date: number): (typeof SHIFTS)[number] | null {
  const week = Math.floor((date + 3) / 7);
  if ((date + day.owner) % 7 >= 5) return null;
  return SHIFTS[(week + day.owner) % SHIFTS.length];
}

/** Early, late, night: a day is the end of last night's shift and the begin of today's. */
export function shift(day: Day): Plan {
  const { draws } = day;
  const yesterday = shiftOn(day, day.day - 1);
  const today = shiftOn(day, day.day);
  const fromLastNight = yesterday !== null && yesterday.toH > 24;
  const plan: Plan = { start: fromLastNight ? day.home : null, moves: [] };
  if (fromLastNight) {
    const toMs = (yesterday.toH - 24) * HOUR_MS + minutes(draws, 2, 20);
    plan.moves.push(...presence(0, toMs, day.home, rounds(day, 0, toMs), true));
  }
  if (today) {
    const fromMs = today.fromH * HOUR_MS - minutes(draws, 2, 15);
    const night = today.toH > 24;
    const toMs = night ? 24 * HOUR_MS : today.toH * HOUR_MS + minutes(draws, 2, 20);
    plan.moves.push(...presence(fromMs, toMs, day.home, rounds(day, fromMs, toMs), !night));
  }
  return plan;
}

/** From ward to ward (or stand to stand), and half an hour for a meal. Nobody is on a round at midnight. */
function rounds(day: Day, from: number, to: number): Outing[] {
  const { draws } = day;
  const meal = from + Math.round((to - from) * draws.between(0.4, 0.6));
  const canteen = someRoom(day, ['canteen']);
  const outings: Outing[] = [];
  if (to - from > 5 * HOUR_MS) {
    outings.push({ fromMs: meal, toMs: meal + 30 * MINUTE_MS, to: canteen, wander: 'no', work: false });
  }
  for (let t = from + draws.exponential(20 * MINUTE_MS); t < to - 20 * MINUTE_MS; ) {
    const room = someRoom(day, ['ward', 'stand', 'shop', 'store', 'corridor']);
    if (!room) break;
    const fromMs = Math.round(t);
    const toMs = fromMs + minutes(draws, 4, 15);
    outings.push({ fromMs, toMs, to: seatIn(day, room, fromMs), wander: 'no', work: true });
    t = toMs + draws.exponential(20 * MINUTE_MS);
  }
  return outings;
}

/** Begin and end of the lessons, hours; the last in the afternoon is not for everybody every day. */
const LESSONS = [
  [8, 9.5],
  [9.75, 11.25],
  [11.5, 13],
  [13.75, 15.25],
] as const;

/** Lessons by timetable: half of them in the class's own room, breaks in the corridor and the canteen. */
export function pupil(day: Day): Plan {
  const { draws } = day;
  if (day.weekday >= SATURDAY || !draws.chance(0.95)) return ABSENT;
  const rooms = day.grounds.rooms(['class']);
  const own = rooms.findIndex((room) => room.floor === day.home.floor && room.room === day.home.room);
  const afternoon = together(day, 'afternoon', own).chance(0.6);
  const moves: Plan['moves'] = [];
  const lessons = afternoon ? LESSONS : LESSONS.slice(0, 3);
  lessons.forEach(([fromH, toH], i) => {
    // The whole school moves on by the same number of rooms, so that no two classes meet in one.
    const turn = i % 2 === 0 ? 0 : together(day, 'timetable', 0, i).integer(1, Math.max(1, rooms.length - 1));
    const room = own < 0 || turn === 0 ? null : rooms[(own + turn) % rooms.length];
    const atMs = fromH * HOUR_MS - (i === 0 ? about(draws, 0.25, 0.1, 0.02, 0.6) : minutes(draws, 1, 4));
    moves.push({ atMs, to: room ? seatIn(day, room, i) : day.home, wander: 'no', work: true });
    const hall = someRoom(day, i === 2 ? ['canteen', 'corridor'] : ['corridor', 'lobby']);
    const endMs = toH * HOUR_MS + minutes(draws, 0, 1);
    if (hall && i + 1 < lessons.length) moves.push({ atMs: endMs, to: hall, wander: 'floor', work: false });
  });
  moves.push({
    atMs: lessons[lessons.length - 1][1] * HOUR_MS + minutes(draws, 1, 10),
    to: null,
    wander: 'no',
    work: true,
  });
  return { start: null, moves };
}
