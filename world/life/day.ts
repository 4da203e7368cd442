/** What a schedule is given to plan one person's day with. */
import { Draws, hash, subSeed } from '../random.ts';
import { boundingBox, contains } from '../site/geometry.ts';
import type { RoomKind, SiteKind } from '../site/model.ts';
import type { Grounds, Spot } from './grounds.ts';
import type { Move } from './itinerary.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

export interface Day {
  seed: number;
  kind: SiteKind;
  grounds: Grounds;
  owner: number;
  home: Spot;
  /** Days since 1970-01-01, local. */
  day: number;
  /** 0 is Monday. */
  weekday: number;
  draws: Draws;
  crowdAt(msOfDay: number): number;
}

export interface Plan {
  /** Where midnight finds it; null for away. */
  start: Spot | null;
  moves: Move[];
}

/** An absence from one's place: from, to, and where. */
export interface Outing {
  fromMs: number;
  toMs: number;
  to: Spot | null;
  wander: Move['wander'];
  work: boolean;
}

/** Hours of the day as milliseconds, normally distributed about a mean, within bounds. */
export function about(draws: Draws, meanH: number, sdH: number, leastH: number, mostH: number): number {
  const hours = Math.min(mostH, Math.max(leastH, meanH + sdH * draws.normal()));
  return Math.round(hours * HOUR_MS);
}

export const minutes = (draws: Draws, least: number, most: number): number =>
  Math.round(draws.between(least, most) * MINUTE_MS);

/**
 * A presence from `fromMs` to `toMs` at `place`, with outings in between. Outings that overlap an earlier one or
 * the ends are left out. `ends`: null leaves the site afterwards.
 */
export function presence(
  fromMs: number,
  toMs: number,
  place: Spot,
  outings: readonly Outing[],
  leaves: boolean,
): Move[] {
  const moves: Move[] = [{ atMs: fromMs, to: place, wander: 'no', work: true }];
  let free = fromMs;
  for (const outing of [...outings].sort((a, b) => a.fromMs - b.fromMs)) {
    if (outing.fromMs < free || outing.toMs > toMs) continue;
    moves.push({ atMs: outing.fromMs, to: outing.to, wander: outing.wander, work: outing.work });
    moves.push({ atMs: outing.toMs, to: place, wander: 'no', work: outing.work });
    free = outing.toMs;
  }
  if (leaves) moves.push({ atMs: toMs, to: null, wander: 'no', work: true });
  return moves;
}

/** A seat in the room of `spot`, its own for this person. */
export function seatIn(day: Day, spot: Spot, purpose: number): Spot {
  const room = day.grounds.floors[spot.floor].rooms[spot.room];
  if (!room) return spot;
  const draws = new Draws(hash(subSeed(day.seed, 'seat'), day.owner, purpose));
  const box = boundingBox(room.outline);
  const within = (low: number, high: number) =>
    Math.round(draws.between(low + 0.3, Math.max(low + 0.3, high - 0.3)) * 10) / 10;
  for (let i = 0; i < 6; i++) {
    const p = { x: within(box.west, box.east), y: within(box.south, box.north) };
    if (contains(room.outline, p)) return { ...spot, ...p };
  }
  return spot;
}

/** One of the rooms of these kinds, on the person's own floor when there is one; null when the site has none. */
export function someRoom(day: Day, kinds: readonly RoomKind[]): Spot | null {
  const own = day.grounds.rooms(kinds, day.home.floor);
  const rooms = own.length > 0 ? own : day.grounds.rooms(kinds);
  return rooms.length > 0 ? day.draws.pick(rooms) : null;
}

/** What a group of people decides together, keyed by what it is about. */
export const together = (day: Day, purpose: string, group: number, slot = 0): Draws =>
  new Draws(hash(hash(subSeed(day.seed, purpose), day.day, group), slot));
