import type { Point } from './model.ts';

/** Twice the signed area; positive when the corners run counter-clockwise. */
export function signedArea2(outline: readonly Point[]): number {
  let sum = 0;
  for (let i = 0; i < outline.length; i++) {
    const a = outline[i];
    const b = outline[(i + 1) % outline.length];
    sum += a.x * b.y - b.x * a.y;
  }
  return sum;
}

/** The widest floor that is taken, metres: more is millimetres, pixels or degrees by mistake. */
export const WIDEST_FLOOR_M = 2000;

/** Metres from end to end along the longer axis. */
export function extentM(outline: readonly Point[]): number {
  const { west, south, east, north } = boundingBox(outline);
  return Math.max(east - west, north - south);
}

/** Ray casting; points on the outline count as inside on its west and south sides only. */
export function contains(outline: readonly Point[], p: Point): boolean {
  let inside = false;
  for (let i = 0, j = outline.length - 1; i < outline.length; j = i++) {
    const a = outline[i];
    const b = outline[j];
    if (a.y > p.y !== b.y > p.y && p.x < ((b.x - a.x) * (p.y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}

const side = (a: Point, b: Point, p: Point): number =>
  Math.sign((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x));

/** Whether the open segments a–b and c–d cross in one point. Touching ends do not count. */
export function crosses(a: Point, b: Point, c: Point, d: Point): boolean {
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** The first two edges that cross, by index, or null for a simple polygon. */
export function selfCrossing(outline: readonly Point[]): [number, number] | null {
  const n = outline.length;
  for (let i = 0; i < n; i++) {
    for (let j = i + 2; j < n; j++) {
      if (i === 0 && j === n - 1) continue;
      if (crosses(outline[i], outline[(i + 1) % n], outline[j], outline[(j + 1) % n])) return [i, j];
    }
  }
  return null;
}

export interface Box {
  west: number;
  south: number;
  east: number;
  north: number;
}

export function boundingBox(points: readonly Point[]): Box {
  const box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity };
  for (const p of points) {
    box.west = Math.min(box.west, p.x);
    box.east = Math.max(box.east, p.x);
    box.south = Math.min(box.south, p.y);
    box.north = Math.max(box.north, p.y);
  }
  return box;
}

export const rectangle = (west: number, south: number, east: number, north: number): Point[] => [
  { x: west, y: south },
  { x: east, y: south },
  { x: east, y: north },
  { x: west, y: north },
];
