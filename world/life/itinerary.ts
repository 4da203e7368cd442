/** A day of one being on its feet: from what it wants to do, when and where it is. */
import type { Draws } from '../random.ts';
import { contains } from '../site/geometry.ts';
import type { Point } from '../site/model.ts';
import type { Grounds, Spot } from './grounds.ts';
import { direction, flightM, pauseMs } from './levy.ts';

/** At `atMs` of the day it sets out for a place, or leaves the site; until its next move it stays there. */
export interface Move {
  atMs: number;
  to: Spot | null;
  /** Walks about there, in the room or wherever no wall stops it. */
  wander: 'no' | 'room' | 'floor';
  /** Its laptop comes along. */
  work: boolean;
}

export interface Gait {
  speedMps: number;
  /** Exponent of its flights when it walks about. */
  alpha: number;
}

const DAY_MS = 86_400_000;
const STAIRS_MS_PER_LEVEL = 15_000;
const TRIES = 12;

/** Knots of a piecewise linear way: four numbers each (ms of the day, floor or −1 for away, x and y in mm). */
const STRIDE = 4;

const mm = (metres: number): number => Math.round(metres * 1000);

export class Itinerary {
  private readonly knots: Int32Array;

  constructor(knots: readonly number[]) {
    this.knots = Int32Array.from(knots);
  }

  get length(): number {
    return this.knots.length / STRIDE;
  }

  /** The last knot at or before this time. */
  private find(msOfDay: number): number {
    let low = 0;
    let high = this.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.knots[middle * STRIDE] <= msOfDay) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Number of the floor, −1 while away. */
  floorAt(msOfDay: number): number {
    return this.knots[this.find(msOfDay) * STRIDE + 1];
  }

  private moving(knot: number): boolean {
    const k = this.knots;
    const i = knot * STRIDE;
    const j = i + STRIDE;
    if (j >= k.length || k[i + 1] < 0 || k[j + 1] !== k[i + 1]) return false;
    return k[i + 2] !== k[j + 2] || k[i + 3] !== k[j + 3];
  }

  pointAt(msOfDay: number): Point {
    const k = this.knots;
    const knot = this.find(msOfDay);
    const i = knot * STRIDE;
    if (!this.moving(knot)) return { x: k[i + 2] / 1000, y: k[i + 3] / 1000 };
    const j = i + STRIDE;
    const share = (msOfDay - k[i]) / (k[j] - k[i]);
    return {
      x: Math.round(k[i + 2] + (k[j + 2] - k[i + 2]) * share) / 1000,
      y: Math.round(k[i + 3] + (k[j + 3] - k[i + 3]) * share) / 1000,
    };
  }

  /** Where it looks, radians in thousandths: along its way, or the way that it came. */
  headingAt(msOfDay: number): number {
    let knot = this.find(msOfDay);
    while (knot > 0 && !this.moving(knot)) knot--;
    if (!this.moving(knot)) return 0;
    const i = knot * STRIDE;
    const k = this.knots;
    return Math.round(1000 * Math.atan2(k[i + STRIDE + 3] - k[i + 3], k[i + STRIDE + 2] - k[i + 2])) / 1000;
  }

  /** Until when nothing changes; the same time when it is under way. */
  restsUntil(msOfDay: number): number {
    const knot = this.find(msOfDay);
    if (this.moving(knot)) return msOfDay;
    const floor = this.knots[knot * STRIDE + 1];
    for (let next = knot + 1; next < this.length; next++) {
      if (this.knots[next * STRIDE + 1] !== floor || this.moving(next)) return this.knots[next * STRIDE];
    }
    return DAY_MS;
  }

  /** Lengths of its straight pieces, metres. */
  flightsM(): number[] {
    const lengths: number[] = [];
    for (let knot = 0; knot + 1 < this.length; knot++) {
      if (!this.moving(knot)) continue;
      const i = knot * STRIDE;
      const [dx, dy] = [2, 3].map((c) => this.knots[i + STRIDE + c] - this.knots[i + c]);
      lengths.push(Math.sqrt(dx * dx + dy * dy) / 1000);
    }
    return lengths;
  }
}

/** Follows the moves of a day. `start` is where the day begins, null for away. */
export function follow(
  moves: readonly Move[],
  start: Spot | null,
  grounds: Grounds,
  gait: Gait,
  draws: Draws,
): Itinerary {
  const walker = new Walker(grounds, gait, start);
  moves.forEach((move, i) => {
    walker.waitUntil(move.atMs);
    walker.goTo(move.to);
    if (move.to && move.wander !== 'no') {
      walker.wander(move.to, moves[i + 1]?.atMs ?? DAY_MS, move.wander, draws);
    }
  });
  return new Itinerary(walker.knots);
}

class Walker {
  readonly knots: number[] = [];
  private readonly grounds: Grounds;
  private readonly gait: Gait;
  private at: Spot | null;
  private nowMs = 0;

  constructor(grounds: Grounds, gait: Gait, start: Spot | null) {
    this.grounds = grounds;
    this.gait = gait;
    this.at = start;
    this.mark();
  }

  private mark(): void {
    const floor = this.at?.floor ?? -1;
    this.knots.push(this.nowMs, floor, mm(this.at?.x ?? 0), mm(this.at?.y ?? 0));
  }

  waitUntil(tMs: number): void {
    if (tMs <= this.nowMs) return;
    this.nowMs = tMs;
    this.mark();
  }

  private step(to: Point): void {
    const from = this.at!;
    const dx = mm(to.x) - mm(from.x);
    const dy = mm(to.y) - mm(from.y);
    this.nowMs += Math.max(1, Math.round(Math.sqrt(dx * dx + dy * dy) / this.gait.speedMps));
    this.at = { ...from, x: to.x, y: to.y };
    this.mark();
  }

  private walk(to: Spot): void {
    const from = this.at!;
    const way = this.grounds.routes(to.floor).between(from, from.room, to, to.room);
    for (const corner of way.slice(1)) this.step(corner);
    this.at = to;
  }

  goTo(to: Spot | null): void {
    if (!this.at) {
      if (!to) return;
      this.at = this.grounds.entrance;
      this.mark();
    }
    const target = to ?? this.grounds.entrance;
    if (this.at.floor !== target.floor) {
      const levels = this.grounds.levels(this.at.floor, target.floor);
      this.walk(this.grounds.stairs(this.at.floor));
      this.nowMs += STAIRS_MS_PER_LEVEL * levels;
      this.mark();
      this.at = this.grounds.stairs(target.floor);
      this.mark();
    }
    this.walk(target);
    if (to) return;
    this.at = null;
    this.mark();
  }

  wander(around: Spot, untilMs: number, where: 'room' | 'floor', draws: Draws): void {
    if (!this.at) return;
    const { mask } = this.grounds.routes(around.floor);
    const outline = this.grounds.floors[around.floor].rooms[around.room]?.outline;
    const allowed = (p: Point): boolean =>
      where === 'room' && outline ? contains(outline, p) : mask.contains(p);
    while (this.nowMs < untilMs) {
      let length = flightM(draws, this.gait.alpha);
      for (let i = 0; i < TRIES; i++) {
        const d = direction(draws);
        const to = { x: this.at!.x + d.x * length, y: this.at!.y + d.y * length };
        if (allowed(to) && mask.clear(this.at!, to)) {
          this.step({ x: mm(to.x) / 1000, y: mm(to.y) / 1000 });
          break;
        }
        if (i % 4 === 3) length /= 2;
      }
      this.waitUntil(Math.min(untilMs, this.nowMs + pauseMs(draws)));
    }
    this.at = { ...this.at!, room: this.grounds.roomAt(this.at!) ?? around.room };
  }
}
