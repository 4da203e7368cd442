import { type Box, crosses } from './geometry.ts';
import type { Point } from './model.ts';

const BUCKET_M = 3;

export interface Segment {
  from: Point;
  to: Point;
}

/** Segments by the squares they touch, so that a line is held against its neighbours only. */
export class SegmentIndex {
  private readonly buckets: number[][];
  private readonly columns: number;
  private readonly rows: number;
  private readonly sideM: number;
  private readonly box: Box;
  private readonly segments: readonly Segment[];

  constructor(segments: readonly Segment[], box: Box) {
    this.segments = segments;
    this.box = box;
    const [width, depth] = [box.east - box.west, box.north - box.south];
    this.sideM = Math.max(BUCKET_M, Math.sqrt((width * depth) / 100_000));
    this.columns = Math.max(1, Math.ceil(width / this.sideM));
    this.rows = Math.max(1, Math.ceil(depth / this.sideM));
    this.buckets = Array.from({ length: this.columns * this.rows }, () => []);
    segments.forEach(({ from, to }, i) => {
      this.visit(from, to, (bucket) => {
        bucket.push(i);
        return false;
      });
    });
  }

  /** Calls for every bucket that the line from a to b passes, until one call answers true. */
  private visit(a: Point, b: Point, each: (bucket: number[]) => boolean): boolean {
    const clamp = (value: number, most: number) => Math.min(most, Math.max(0, value));
    const rowOf = (y: number) => clamp(Math.floor((y - this.box.south) / this.sideM), this.rows - 1);
    const columnOf = (x: number) => clamp(Math.floor((x - this.box.west) / this.sideM), this.columns - 1);
    const [low, high] = a.y <= b.y ? [a, b] : [b, a];
    const slope = high.y > low.y ? (high.x - low.x) / (high.y - low.y) : 0;
    for (let row = rowOf(low.y); row <= rowOf(high.y); row++) {
      const bottom = Math.max(low.y, this.box.south + row * this.sideM - 1e-6);
      const top = Math.min(high.y, this.box.south + (row + 1) * this.sideM + 1e-6);
      const x1 = slope === 0 ? low.x : low.x + (bottom - low.y) * slope;
      const x2 = slope === 0 ? high.x : low.x + (top - low.y) * slope;
      const last = columnOf(Math.max(x1, x2) + 1e-6);
      for (let column = columnOf(Math.min(x1, x2) - 1e-6); column <= last; column++) {
        if (each(this.buckets[row * this.columns + column])) return true;
      }
    }
    return false;
  }

  /** Whether a segment crosses the line from a to b. */
  crossed(a: Point, b: Point): boolean {
    return this.visit(a, b, (bucket) =>
      bucket.some((i) => crosses(this.segments[i].from, this.segments[i].to, a, b)),
    );
  }
}
