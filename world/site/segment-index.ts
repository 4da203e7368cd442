import type { Box } from './geometry.ts';
import type { Point } from './model.ts';

const BUCKET_M = 3;

export interface Segment {
  from: Point;
  to: Point;
}

/** Segments by the squares they touch, so that a line is held against its neighbours only. */
export class SegmentIndex {
  /** Segments of square s: `inSquares[start[s]]` to `inSquares[start[s + 1]]`. */
  private readonly start: Int32Array;
  private readonly inSquares: Int32Array;
  private readonly columns: number;
  private readonly rows: number;
  private readonly sideM: number;
  private readonly box: Box;
  /** By segment: both ends. */
  private readonly ends: Float64Array;

  constructor(segments: readonly Segment[], box: Box) {
    this.box = box;
    this.ends = Float64Array.from(segments.flatMap(({ from, to }) => [from.x, from.y, to.x, to.y]));
    const [width, depth] = [box.east - box.west, box.north - box.south];
    this.sideM = Math.max(BUCKET_M, Math.sqrt((width * depth) / 100_000));
    this.columns = Math.max(1, Math.ceil(width / this.sideM));
    this.rows = Math.max(1, Math.ceil(depth / this.sideM));
    const squares = Array.from({ length: this.columns * this.rows }, (): number[] => []);
    segments.forEach(({ from, to }, i) => {
      this.visit(from, to, (first, last) => {
        for (let square = first; square <= last; square++) squares[square].push(i);
        return false;
      });
    });
    this.start = new Int32Array(squares.length + 1);
    squares.forEach((list, s) => {
      this.start[s + 1] = this.start[s] + list.length;
    });
    this.inSquares = Int32Array.from(squares.flat());
  }

  private column(x: number): number {
    return Math.min(this.columns - 1, Math.max(0, Math.floor((x - this.box.west) / this.sideM)));
  }

  private row(y: number): number {
    return Math.min(this.rows - 1, Math.max(0, Math.floor((y - this.box.south) / this.sideM)));
  }

  /**
   * Calls with the first and the last of the squares in each row that the line from a to b passes, until one call
   * answers true.
   */
  private visit(a: Point, b: Point, each: (first: number, last: number) => boolean): boolean {
    const isUp = a.y <= b.y;
    const low = isUp ? a : b;
    const high = isUp ? b : a;
    const slope = high.y > low.y ? (high.x - low.x) / (high.y - low.y) : 0;
    const lastRow = this.row(high.y);
    for (let row = this.row(low.y); row <= lastRow; row++) {
      const bottom = Math.max(low.y, this.box.south + row * this.sideM - 1e-6);
      const top = Math.min(high.y, this.box.south + (row + 1) * this.sideM + 1e-6);
      const x1 = slope === 0 ? low.x : low.x + (bottom - low.y) * slope;
      const x2 = slope === 0 ? high.x : low.x + (top - low.y) * slope;
      const base = row * this.columns;
      const first = base + this.column(Math.min(x1, x2) - 1e-6);
      if (each(first, base + this.column(Math.max(x1, x2) + 1e-6))) return true;
    }
    return false;
  }

  /** Whether a segment crosses the line from a to b. */
  crossed(a: Point, b: Point): boolean {
    const { start, inSquares, ends } = this;
    const rayX = b.x - a.x;
    const rayY = b.y - a.y;
    return this.visit(a, b, (first, last) => {
      for (let k = start[first]; k < start[last + 1]; k++) {
        // As `crosses` has it, without its objects: a day's ways ask millions of times.
        const at = 4 * inSquares[k];
        const x = ends[at];
        const y = ends[at + 1];
        const dx = ends[at + 2] - x;
        const dy = ends[at + 3] - y;
        const sideA = dx * (a.y - y) - dy * (a.x - x);
        const sideB = dx * (b.y - y) - dy * (b.x - x);
        if (!((sideA < 0 && sideB > 0) || (sideA > 0 && sideB < 0))) continue;
        const sideFrom = rayX * (y - a.y) - rayY * (x - a.x);
        const sideTo = rayX * (ends[at + 3] - a.y) - rayY * (ends[at + 2] - a.x);
        if ((sideFrom < 0 && sideTo > 0) || (sideFrom > 0 && sideTo < 0)) return true;
      }
      return false;
    });
  }
}
