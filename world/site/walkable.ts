/**
 * Where one can walk on a floor: cells inside the outline, and which steps from cell to cell no wall is in the
 * way of. Walls have no thickness here, so a door is a gap in them however narrow the cells.
 */
import { boundingBox, contains, crosses } from './geometry.ts';
import type { Floor, Point } from './model.ts';
import { SegmentIndex } from './segment-index.ts';

const CELL_M = 0.5;
/** Floors of more than this many half-metre cells get larger ones. */
const MAX_CELLS = 1_000_000;
/** Plans have round numbers: no wall shall run through the middle of a row of cells. */
const SHIFT_M = 0.0137;

const EAST = 1;
const NORTH = 2;

/** Along the axes, then across. */
const STEPS = [
  { dx: 1, dy: 0 },
  { dx: 0, dy: 1 },
  { dx: -1, dy: 0 },
  { dx: 0, dy: -1 },
  { dx: 1, dy: 1 },
  { dx: -1, dy: 1 },
  { dx: -1, dy: -1 },
  { dx: 1, dy: -1 },
] as const;
/** So many of them are along the axes. */
const STRAIGHT = 4;
/** What a step costs, 5 : 7 for 1 : √2 in whole numbers. */
const ALONG = 5;
const ACROSS = 7;

/** Of the target, and of what cannot be walked from. */
export const NO_STEP = 15;

export class WalkableFloor {
  readonly cellM: number;
  readonly columns: number;
  readonly rows: number;
  private readonly west: number;
  private readonly south: number;
  private readonly inside: Uint8Array;
  /** Bits: a wall between this cell and the next one to the east, to the north. */
  private readonly blocked: Uint8Array;
  private readonly walls: SegmentIndex;
  private readonly outline: readonly Point[];
  /** By number in `STEPS`: how far away in the order of cells it leads. */
  readonly offsets: readonly number[];
  /** By cell: a bit for each of `STEPS` that is free. Worked out when a way is first asked for. */
  private free: Uint8Array | null = null;

  constructor(floor: Floor) {
    const box = boundingBox(floor.outline);
    const area = (box.east - box.west) * (box.north - box.south);
    this.cellM = Math.max(CELL_M, Math.ceil(Math.sqrt(area / MAX_CELLS) * 10) / 10);
    this.west = box.west - SHIFT_M;
    this.south = box.south - SHIFT_M;
    this.columns = Math.ceil((box.east - this.west) / this.cellM);
    this.rows = Math.ceil((box.north - this.south) / this.cellM);
    this.offsets = STEPS.map(({ dx, dy }) => dx + dy * this.columns);
    this.inside = new Uint8Array(this.columns * this.rows);
    this.blocked = new Uint8Array(this.columns * this.rows);
    this.outline = floor.outline;
    const edges = floor.outline.map((from, i) => ({
      from,
      to: floor.outline[(i + 1) % floor.outline.length],
    }));
    const segments = [...edges, ...floor.walls];
    this.walls = new SegmentIndex(segments, box);
    for (let i = 0; i < this.inside.length; i++) {
      this.inside[i] = contains(floor.outline, this.middle(i)) ? 1 : 0;
    }
    for (const { from, to } of segments) this.block(from, to);
  }

  private block(from: Point, to: Point): void {
    const columnOf = (x: number) => Math.floor((x - this.west) / this.cellM);
    const rowOf = (y: number) => Math.floor((y - this.south) / this.cellM);
    const firstColumn = Math.max(0, columnOf(Math.min(from.x, to.x)) - 1);
    const lastColumn = Math.min(this.columns - 1, columnOf(Math.max(from.x, to.x)) + 1);
    const firstRow = Math.max(0, rowOf(Math.min(from.y, to.y)) - 1);
    const lastRow = Math.min(this.rows - 1, rowOf(Math.max(from.y, to.y)) + 1);
    for (let row = firstRow; row <= lastRow; row++) {
      for (let column = firstColumn; column <= lastColumn; column++) {
        const i = row * this.columns + column;
        const here = this.middle(i);
        if (crosses(from, to, here, { x: here.x + this.cellM, y: here.y })) this.blocked[i] |= EAST;
        if (crosses(from, to, here, { x: here.x, y: here.y + this.cellM })) this.blocked[i] |= NORTH;
      }
    }
  }

  middle(cell: number): Point {
    const column = cell % this.columns;
    return {
      x: this.west + (column + 0.5) * this.cellM,
      y: this.south + ((cell - column) / this.columns + 0.5) * this.cellM,
    };
  }

  contains(p: Point): boolean {
    return contains(this.outline, p);
  }

  /** Whether one can walk straight from a to b. */
  clear(a: Point, b: Point): boolean {
    return !this.walls.crossed(a, b);
  }

  /** A cell near p that can be walked to from it in a straight line, or −1. */
  cellAt(p: Point): number {
    const column = Math.floor((p.x - this.west) / this.cellM);
    const row = Math.floor((p.y - this.south) / this.cellM);
    for (const [dx, dy] of [[0, 0], ...STEPS.map((step) => [step.dx, step.dy])]) {
      const [c, r] = [column + dx, row + dy];
      if (c < 0 || r < 0 || c >= this.columns || r >= this.rows) continue;
      const cell = r * this.columns + c;
      if (this.inside[cell] && this.clear(p, this.middle(cell))) return cell;
    }
    return -1;
  }

  private open(cell: number, dx: number, dy: number): boolean {
    const column = cell % this.columns;
    if (column + dx < 0 || column + dx >= this.columns) return false;
    const next = cell + dx + dy * this.columns;
    if (next < 0 || next >= this.inside.length || !this.inside[next]) return false;
    if (dy === 0) return !(this.blocked[dx > 0 ? cell : next] & EAST);
    if (dx === 0) return !(this.blocked[dy > 0 ? cell : next] & NORTH);
    // Round a corner only where both ways about it are free.
    return (
      this.open(cell, dx, 0) &&
      this.open(cell + dx, 0, dy) &&
      this.open(cell, 0, dy) &&
      this.open(cell + dy * this.columns, dx, 0)
    );
  }

  private freeSteps(): Uint8Array {
    if (this.free) return this.free;
    const free = new Uint8Array(this.inside.length);
    for (let cell = 0; cell < free.length; cell++) {
      if (!this.inside[cell]) continue;
      for (let i = 0; i < STEPS.length; i++) {
        if (this.open(cell, STEPS[i].dx, STEPS[i].dy)) free[cell] |= 1 << i;
      }
    }
    this.free = free;
    return free;
  }

  /** Length of the shortest way from every cell to `target`, in fifths of a cell; −1 where there is none. */
  distances(target: number): Int32Array {
    return this.spread(target).far;
  }

  /** Distances, and for every cell the first of `STEPS` that is on a shortest way. */
  private spread(target: number): { far: Int32Array; first: Uint8Array } {
    const free = this.freeSteps();
    const { offsets } = this;
    const far = new Int32Array(this.inside.length).fill(-1);
    const first = new Uint8Array(far.length).fill(NO_STEP);
    // Dial's queue: costs are at most 7, so eight rotating lists hold all that is open.
    const queues: number[][] = Array.from({ length: 8 }, () => []);
    queues[0].push(target);
    far[target] = 0;
    for (let cost = 0, left = 1; left > 0; cost++) {
      const queue = queues[cost % 8];
      left -= queue.length;
      for (let k = 0; k < queue.length; k++) {
        const cell = queue[k];
        if (far[cell] !== cost) continue;
        for (let bits = free[cell]; bits !== 0; bits &= bits - 1) {
          const i = 31 - Math.clz32(bits & -bits);
          const next = cell + offsets[i];
          const reached = cost + (i < STRAIGHT ? ALONG : ACROSS);
          const known = far[next];
          if (known >= 0 && known < reached) continue;
          // Opposite steps are two apart among their four. Walls are in the way of both or of neither.
          const back = i ^ 2;
          if (known === reached) {
            if (back < first[next]) first[next] = back;
            continue;
          }
          far[next] = reached;
          first[next] = back;
          queues[reached % 8].push(next);
          left++;
        }
      }
      queue.length = 0;
    }
    return { far, first };
  }

  /** By cell: which of `STEPS` leads on to `target` by a shortest way, or `NO_STEP`. */
  directions(target: number): Uint8Array {
    return this.spread(target).first;
  }

  /** Cells from `from` to the target of `directions`, both included; null when there is no way. */
  follow(from: number, target: number, directions: Uint8Array): number[] | null {
    const cells = [from];
    for (let cell = from; cell !== target; ) {
      if (directions[cell] === NO_STEP) return null;
      cell += this.offsets[directions[cell]];
      cells.push(cell);
    }
    return cells;
  }
}
