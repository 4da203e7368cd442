/**
 * A plan as a picture: dark pixels are walls. Straight dark runs along rows and columns, no thicker than a wall,
 * become its middle line; what stands slanted becomes the long axis of its spot. Rooms are what is left enclosed
 * once door gaps are closed, as boxes. It is a start for editing, not a survey.
 */
import type { Point, Site, Wall } from '../model.ts';
import { type ImportedLevel, type ImportedRoom, type ImportOptions, siteOf } from './imported-floor.ts';

export interface PlanImage {
  width: number;
  height: number;
  /** Red, green, blue, alpha of each pixel, row by row from the top. */
  rgba: Uint8Array;
}

export interface ImageOptions extends ImportOptions {
  metresPerPixel: number;
  /** Grey below which a pixel is wall, 0 to 255. */
  threshold?: number;
}

const THICKEST_M = 0.8;
const SHORTEST_M = 0.8;
const DOOR_M = 1.3;
const LEAST_ROOM_M2 = 3;

/** 1 where a pixel is dark enough. */
function darkPixels({ width, height, rgba }: PlanImage, threshold: number): Uint8Array {
  const dark = new Uint8Array(width * height);
  for (let i = 0; i < dark.length; i++) {
    const [r, g, b, a] = rgba.subarray(4 * i, 4 * i + 4);
    const grey = (0.299 * r + 0.587 * g + 0.114 * b) * (a / 255) + 255 - a;
    dark[i] = grey < threshold ? 1 : 0;
  }
  return dark;
}

interface Bar {
  start: number;
  end: number;
  first: number;
  last: number;
}

/** Long dark runs along one axis, those of neighbouring lines together. `at(along, across)` is a pixel. */
function bars(along: number, across: number, shortest: number, at: (a: number, c: number) => number): Bar[] {
  const done: Bar[] = [];
  let open: Bar[] = [];
  for (let c = 0; c < across; c++) {
    const next: Bar[] = [];
    for (let a = 0; a < along; a++) {
      if (!at(a, c)) continue;
      const start = a;
      while (a < along && at(a, c)) a++;
      if (a - start < shortest) continue;
      const known = open.find((bar) => Math.abs(bar.start - start) <= 2 && Math.abs(bar.end - a) <= 2);
      next.push(known ? { ...known, last: c } : { start, end: a, first: c, last: c });
    }
    done.push(
      ...open.filter((bar) => !next.some((other) => other.first === bar.first && other.start === bar.start)),
    );
    open = next;
  }
  return [...done, ...open];
}

export function importImage(image: PlanImage, options: ImageOptions): Site | null {
  const { width, height } = image;
  const { metresPerPixel, threshold = 128 } = options;
  const dark = darkPixels(image, threshold);
  const rest = dark.slice();
  const thickest = THICKEST_M / metresPerPixel;
  const shortest = Math.max(3, SHORTEST_M / metresPerPixel);
  const point = (x: number, y: number): Point => ({
    x: x * metresPerPixel,
    y: (height - y) * metresPerPixel,
  });
  const walls: Wall[] = [];
  const add = (from: Point, to: Point) => walls.push({ from, to, material: 'drywall' });
  const clear = (x: number, y: number) => {
    rest[y * width + x] = 0;
  };
  for (const { start, end, first, last } of bars(width, height, shortest, (x, y) => dark[y * width + x])) {
    if (last - first + 1 > thickest) continue;
    add(point(start, (first + last + 1) / 2), point(end, (first + last + 1) / 2));
    for (let y = first; y <= last; y++) for (let x = start; x < end; x++) clear(x, y);
  }
  for (const { start, end, first, last } of bars(height, width, shortest, (y, x) => dark[y * width + x])) {
    if (last - first + 1 > thickest) continue;
    add(point((first + last + 1) / 2, start), point((first + last + 1) / 2, end));
    for (let x = first; x <= last; x++) for (let y = start; y < end; y++) clear(x, y);
  }
  for (const spot of spots(rest, width, height)) {
    const axis = longAxis(spot, width, shortest);
    if (axis) add(point(...axis[0]), point(...axis[1]));
  }
  if (walls.length === 0) return null;
  const all = walls.flatMap(({ from, to }) => [from, to]);
  const [xs, ys] = [all.map((p) => p.x), all.map((p) => p.y)];
  const outline = box(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys));
  const rooms = roomsOf(dark, width, height, metresPerPixel, point);
  const level: ImportedLevel = { level: 0, outline, rooms: [], walls, openings: [] };
  const site = siteOf([{ ...level, openings: gaps(outline, walls) }], options);
  site.floors[0].rooms = rooms.map(({ kind, outline: corners }, i) => ({
    id: `f0-r${i}`,
    kind,
    outline: corners,
    seats: Math.max(1, Math.round(areaOf(corners) / 12)),
  }));
  return site;
}

/** The outer wall is what is drawn, not the box around it. */
const gaps = (outline: readonly Point[], walls: readonly Wall[]) =>
  walls.length === 0 ? [] : outline.map((from, i) => ({ from, to: outline[(i + 1) % outline.length] }));

const box = (west: number, south: number, east: number, north: number): Point[] => {
  const r = (value: number) => Math.round(value * 100) / 100;
  return [
    { x: r(west), y: r(south) },
    { x: r(east), y: r(south) },
    { x: r(east), y: r(north) },
    { x: r(west), y: r(north) },
  ];
};
const areaOf = ([a, , c]: readonly Point[]): number => Math.abs((c.x - a.x) * (c.y - a.y));

/** Pixels that hang together, by their numbers. */
function* spots(of: Uint8Array, width: number, height: number): Generator<number[]> {
  const left = of.slice();
  for (let i = 0; i < left.length; i++) {
    if (!left[i]) continue;
    const spot = [i];
    left[i] = 0;
    for (let k = 0; k < spot.length; k++) {
      const x = spot[k] % width;
      const y = (spot[k] - x) / width;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const [nx, ny] = [x + dx, y + dy];
          if (nx < 0 || ny < 0 || nx >= width || ny >= height || !left[ny * width + nx]) continue;
          left[ny * width + nx] = 0;
          spot.push(ny * width + nx);
        }
      }
    }
    yield spot;
  }
}

/** Ends of the principal axis of a long thin spot. */
function longAxis(
  spot: readonly number[],
  width: number,
  shortest: number,
): [[number, number], [number, number]] | null {
  const xs = spot.map((i) => (i % width) + 0.5);
  const ys = spot.map((i) => Math.floor(i / width) + 0.5);
  const mean = (of: number[]) => of.reduce((sum, v) => sum + v, 0) / of.length;
  const [mx, my] = [mean(xs), mean(ys)];
  const xx = mean(xs.map((x) => (x - mx) ** 2));
  const yy = mean(ys.map((y) => (y - my) ** 2));
  const xy = mean(xs.map((x, i) => (x - mx) * (ys[i] - my)));
  const angle = Math.atan2(2 * xy, xx - yy) / 2;
  const [ux, uy] = [Math.cos(angle), Math.sin(angle)];
  const along = xs.map((x, i) => (x - mx) * ux + (ys[i] - my) * uy);
  const [low, high] = [Math.min(...along), Math.max(...along)];
  const thickness = spot.length / Math.max(1, high - low);
  if (high - low < shortest || thickness > (high - low) / 3) return null;
  return [
    [mx + ux * low, my + uy * low],
    [mx + ux * high, my + uy * high],
  ];
}

function roomsOf(
  dark: Uint8Array,
  width: number,
  height: number,
  metresPerPixel: number,
  point: (x: number, y: number) => Point,
): ImportedRoom[] {
  const reach = Math.ceil(DOOR_M / 2 / metresPerPixel);
  const free = new Uint8Array(width * height);
  // Free where nothing dark is within half a door: sums of rows, then of columns.
  const near = spread(spread(dark, width, height, reach, true), width, height, reach, false);
  for (let i = 0; i < free.length; i++) free[i] = near[i] ? 0 : 1;
  const rooms: ImportedRoom[] = [];
  for (const spot of spots(free, width, height)) {
    const xs = spot.map((i) => i % width);
    const ys = spot.map((i) => Math.floor(i / width));
    const [left, right] = [xs.reduce((a, b) => Math.min(a, b)), xs.reduce((a, b) => Math.max(a, b))];
    const [top, bottom] = [ys.reduce((a, b) => Math.min(a, b)), ys.reduce((a, b) => Math.max(a, b))];
    // What reaches the edge of the picture is outside.
    if (left === 0 || top === 0 || right === width - 1 || bottom === height - 1) continue;
    const [a, b] = [point(left - reach, bottom + 1 + reach), point(right + 1 + reach, top - reach)];
    const outline = box(a.x, a.y, b.x, b.y);
    if (areaOf(outline) >= LEAST_ROOM_M2) rooms.push({ name: '', kind: 'office', outline });
  }
  return rooms;
}

/** 1 where something is within `reach` along rows or columns. */
function spread(of: Uint8Array, width: number, height: number, reach: number, isRow: boolean): Uint8Array {
  const out = new Uint8Array(of.length);
  const [lines, length] = isRow ? [height, width] : [width, height];
  for (let line = 0; line < lines; line++) {
    let last = -Infinity;
    const index = (k: number) => (isRow ? line * width + k : k * width + line);
    for (let k = 0; k < length; k++) {
      if (of[index(k)]) last = k;
      if (k - last <= reach) out[index(k)] = 1;
    }
    last = Infinity;
    for (let k = length - 1; k >= 0; k--) {
      if (of[index(k)]) last = k;
      if (last - k <= reach) out[index(k)] = 1;
    }
  }
  return out;
}
