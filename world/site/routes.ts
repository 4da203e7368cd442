/** Ways between the rooms of a floor, as few straight pieces as the walls allow. */
import { boundingBox, contains } from './geometry.ts';
import type { Floor, Point } from './model.ts';
import { Trails } from './trails.ts';
import { WalkableFloor } from './walkable.ts';

/** A point inside a simple polygon: its middle when that is inside, else the first of a grid that is. */
export function pointInside(outline: readonly Point[]): Point {
  const box = boundingBox(outline);
  const at = (u: number, v: number): Point => ({
    x: Math.round((box.west + (box.east - box.west) * u) * 1000) / 1000,
    y: Math.round((box.south + (box.north - box.south) * v) * 1000) / 1000,
  });
  if (contains(outline, at(0.5, 0.5))) return at(0.5, 0.5);
  for (let n = 4; n <= 64; n *= 2) {
    for (let i = 0; i < n * n; i++) {
      const p = at(((i % n) + 0.5) / n, (Math.floor(i / n) + 0.5) / n);
      if (contains(outline, p)) return p;
    }
  }
  return outline[0];
}

export class Routes {
  readonly mask: WalkableFloor;
  /** A point in each room that ways lead to. */
  readonly anchors: readonly Point[];
  private readonly cells: readonly number[];
  /** By room that somebody went to. */
  private readonly trails = new Map<number, Trails>();
  private readonly ways = new Map<number, readonly Point[] | null>();

  constructor(floor: Floor) {
    this.mask = new WalkableFloor(floor);
    this.anchors = floor.rooms.map((room) => pointInside(room.outline));
    this.cells = this.anchors.map((anchor) => this.mask.cellAt(anchor));
  }

  /**
   * Corners of the way from `a` in room `from` to `b` in room `to`, both ends included; rooms by number. Where
   * no door leads, the straight line: nobody is ever stuck.
   */
  between(a: Point, from: number, b: Point, to: number): Point[] {
    if (this.mask.clear(a, b)) return [a, b];
    const way = this.roomToRoom(from, to);
    if (!way) return [a, b];
    let first = way.length - 1;
    while (first > 0 && !this.mask.clear(a, way[first])) first--;
    let last = first;
    while (last < way.length - 1 && !this.mask.clear(way[last], b)) last++;
    const corners = [a, ...way.slice(first, last + 1), b];
    if (this.mask.clear(a, corners[1]) && this.mask.clear(corners[corners.length - 2], b)) return corners;
    return this.search(a, b) ?? [a, b];
  }

  private roomToRoom(from: number, to: number): readonly Point[] | null {
    const key = from * this.anchors.length + to;
    const known = this.ways.get(key);
    if (known !== undefined) return known;
    const cells = this.cells[to] < 0 ? null : this.trailsTo(to).cells(from);
    const way = cells && this.straighten(cells.map((cell) => this.mask.middle(cell)));
    this.ways.set(key, way);
    return way;
  }

  private trailsTo(room: number): Trails {
    const known = this.trails.get(room);
    if (known) return known;
    const trails = new Trails(this.mask, this.cells, this.cells[room]);
    this.trails.set(room, trails);
    return trails;
  }

  /** For the corner of a room that its middle cannot be seen from. */
  private search(a: Point, b: Point): Point[] | null {
    const [start, end] = [this.mask.cellAt(a), this.mask.cellAt(b)];
    if (start < 0 || end < 0) return null;
    const cells = this.mask.follow(start, end, this.mask.directions(end));
    return cells && [a, ...this.straighten(cells.map((cell) => this.mask.middle(cell))), b];
  }

  /** Drops every corner that one can see past. */
  private straighten(points: readonly Point[]): Point[] {
    const kept = [points[0]];
    for (let i = 0; i < points.length - 1; ) {
      let next = i + 1;
      let stride = 1;
      while (next + stride < points.length && this.mask.clear(points[i], points[next + stride])) {
        next += stride;
        stride *= 2;
      }
      for (; stride >= 1; stride = Math.floor(stride / 2)) {
        if (next + stride < points.length && this.mask.clear(points[i], points[next + stride]))
          next += stride;
      }
      kept.push(points[next]);
      i = next;
    }
    return kept;
  }
}
