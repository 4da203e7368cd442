import { boundingBox, crosses } from '../site/geometry.ts';
import { floorLossDb, MATERIALS } from '../site/materials.ts';
import type { Band, Floor, Point, Site } from '../site/model.ts';

export const BANDS: readonly Band[] = ['2.4', '5', '6'];

/** dB that the walls of `floor` take on the straight way from a to b. */
export function wallLossDb(floor: Floor, band: Band, a: Point, b: Point): number {
  let loss = 0;
  for (const wall of floor.walls) {
    if (crosses(wall.from, wall.to, a, b)) loss += MATERIALS[wall.material][band];
  }
  return loss;
}

const BUCKET_M = 4;

/** The walls of one floor by the squares that they touch, so that a ray meets its neighbours only. */
class WallIndex {
  /** Walls of square s: `inSquares[start[s]]` to `inSquares[start[s + 1]]`. */
  private readonly start: Int32Array;
  private readonly inSquares: Int32Array;
  private readonly columns: number;
  private readonly rows: number;
  private readonly west: number;
  private readonly south: number;
  /** By wall: both ends, and what it takes by band, tenths of a dB. */
  private readonly ends: Float64Array;
  private readonly tenths: Int32Array;
  /** By wall: the ray that met it last. A long wall is in many squares and counts once. */
  private readonly met: Uint32Array;
  private ray = 0;

  constructor(floor: Floor) {
    const box = boundingBox(floor.outline);
    const { walls } = floor;
    this.west = box.west;
    this.south = box.south;
    this.columns = Math.floor((box.east - box.west) / BUCKET_M) + 1;
    this.rows = Math.floor((box.north - box.south) / BUCKET_M) + 1;
    this.ends = Float64Array.from(walls.flatMap(({ from, to }) => [from.x, from.y, to.x, to.y]));
    this.tenths = Int32Array.from(
      walls.flatMap(({ material }) => BANDS.map((band) => Math.round(10 * MATERIALS[material][band]))),
    );
    this.met = new Uint32Array(walls.length);
    const squares = Array.from({ length: this.columns * this.rows }, (): number[] => []);
    walls.forEach(({ from, to }, i) => {
      this.visit(from, to, (first, last) => {
        for (let square = first; square <= last; square++) squares[square].push(i);
      });
    });
    this.start = new Int32Array(squares.length + 1);
    squares.forEach((list, s) => {
      this.start[s + 1] = this.start[s] + list.length;
    });
    this.inSquares = Int32Array.from(squares.flat());
  }

  private column = (x: number): number =>
    Math.min(this.columns - 1, Math.max(0, Math.floor((x - this.west) / BUCKET_M)));
  private row = (y: number): number =>
    Math.min(this.rows - 1, Math.max(0, Math.floor((y - this.south) / BUCKET_M)));

  /** The squares that the line from a to b may touch: row by row the first and the last, a hair wider. */
  private visit(a: Point, b: Point, each: (first: number, last: number) => void): void {
    const isUp = a.y <= b.y;
    const low = isUp ? a : b;
    const high = isUp ? b : a;
    const slope = high.y > low.y ? (high.x - low.x) / (high.y - low.y) : 0;
    const hair = 1e-6;
    const lastRow = this.row(high.y);
    for (let row = this.row(low.y); row <= lastRow; row++) {
      const enter = Math.max(low.y, this.south + row * BUCKET_M);
      const leave = Math.min(high.y, this.south + (row + 1) * BUCKET_M);
      const x1 = high.y > low.y ? low.x + (enter - low.y) * slope : low.x;
      const x2 = high.y > low.y ? low.x + (leave - low.y) * slope : high.x;
      const base = row * this.columns;
      each(base + this.column(Math.min(x1, x2) - hair), base + this.column(Math.max(x1, x2) + hair));
    }
  }

  /** Adds what the walls between a and b take, tenths of a dB, to the entry of each band. */
  addLoss(a: Point, b: Point, into: Int32Array): void {
    const ray = ++this.ray;
    const { start, inSquares, met, ends, tenths } = this;
    this.visit(a, b, (first, last) => {
      for (let k = start[first]; k < start[last + 1]; k++) {
        const i = inSquares[k];
        if (met[i] === ray) continue;
        met[i] = ray;
        // As `crosses` has it, without its objects: a plan has thousands of walls, a walk thousands of cells.
        const [x, y, toX, toY] = [ends[4 * i], ends[4 * i + 1], ends[4 * i + 2], ends[4 * i + 3]];
        const [dx, dy] = [toX - x, toY - y];
        const [rayX, rayY] = [b.x - a.x, b.y - a.y];
        const sideA = dx * (a.y - y) - dy * (a.x - x);
        const sideB = dx * (b.y - y) - dy * (b.x - x);
        if (!((sideA < 0 && sideB > 0) || (sideA > 0 && sideB < 0))) continue;
        const sideFrom = rayX * (y - a.y) - rayY * (x - a.x);
        const sideTo = rayX * (toY - a.y) - rayY * (toX - a.x);
        if (!((sideFrom < 0 && sideTo > 0) || (sideFrom > 0 && sideTo < 0))) continue;
        for (let band = 0; band < BANDS.length; band++) into[band] += tenths[i * BANDS.length + band];
      }
    });
  }
}

/** Through more than a hundred dB nobody hears anything. */
const MOST_TENTHS = 0x3ff;
const capped = (tenths: number): number => Math.min(MOST_TENTHS, tenths);

const CELL_M = 0.5;
const MAX_SLOTS = 1 << 23;

/** Access points near a place are about as many as this at most, so cells so far apart share next to no slots. */
const MAX_STRIDE = 63;
const GRID = 4;

/**
 * Loss through walls and ceilings from access points to half-metre cells, each worked out when it is first
 * asked for and kept in a table of fixed size, where a later one may take its slot: the values are a function
 * of the site alone, so what is kept changes nothing but the time it takes.
 */
export class WallLosses {
  private readonly indexes: readonly WallIndex[];
  /** By floor: west, south, columns, and the number of its first cell. */
  private readonly grids: Float64Array;
  private readonly levels: readonly number[];
  private readonly mask: number;
  private readonly maskBits: number;
  /** By access point: its place in `order`. */
  private readonly ranks: Int32Array;
  /** From a cell's first slot to that of the next; odd, so that only cells `mask + 1` apart have the same. */
  private readonly stride: number;
  /** Cells that share a slot for one access point. */
  private readonly sharing: number;
  /**
   * By slot: which access point and which of the cells that share the slot, plus one, and the losses of three
   * bands in tenths of a dB, ten bits each. A slot is an eighth of a line of the processor's cache.
   */
  private readonly slots: Int32Array;
  private readonly losses = new Int32Array(BANDS.length);

  /**
   * `order`: the access points, those near one another side by side, so that what one transmission asks of all of
   * them lies together. `slots` is a power of two, 8 bytes each; by default twice what all places need, 64 MiB at
   * most. What nobody asks for is never resident; of fewer slots, thousands of clients would take each other's.
   */
  constructor(site: Site, order: ArrayLike<number>, slots?: number) {
    const count = site.accessPoints.length;
    this.indexes = site.floors.map((floor) => new WallIndex(floor));
    this.grids = new Float64Array(GRID * site.floors.length);
    let cells = 0;
    site.floors.forEach(({ outline }, floor) => {
      const box = boundingBox(outline);
      const columns = Math.ceil((box.east - box.west) / CELL_M) + 1;
      const rows = Math.ceil((box.north - box.south) / CELL_M) + 1;
      this.grids.set([box.west, box.south, columns, cells], GRID * floor);
      cells += columns * rows;
    });
    this.levels = site.floors.map((floor) => floor.level);
    this.ranks = new Int32Array(count);
    for (let rank = 0; rank < count; rank++) this.ranks[order[rank]] = rank;
    const size = slots ?? 2 ** Math.ceil(Math.log2(Math.max(1, Math.min(2 * cells * count, MAX_SLOTS))));
    this.mask = size - 1;
    this.maskBits = Math.log2(size);
    this.stride = Math.min(count, MAX_STRIDE) | 1;
    this.sharing = Math.floor(cells / size) + 1;
    this.slots = new Int32Array(size * 2);
  }

  /** dB from access point `id`, which stands at `from` on floor `fromFloor`, to a place on another or the same. */
  lossDb(
    id: number,
    from: Point,
    fromFloor: number,
    floor: number,
    x: number,
    y: number,
    band: number,
  ): number {
    const { grids, slots } = this;
    const grid = floor * GRID;
    const column = Math.max(0, Math.min(grids[grid + 2] - 1, Math.floor((x - grids[grid]) / CELL_M)));
    const row = Math.max(0, Math.floor((y - grids[grid + 1]) / CELL_M));
    const cell = (grids[grid + 3] + row * grids[grid + 2] + column) | 0;
    const rank = this.ranks[id];
    const slot = ((Math.imul(cell, this.stride) + rank) & this.mask) << 1;
    const tag = (Math.imul(rank, this.sharing) + (cell >>> this.maskBits) + 1) | 0;
    if (slots[slot] !== tag) {
      const middle = {
        x: grids[grid] + (column + 0.5) * CELL_M,
        y: grids[grid + 1] + (row + 0.5) * CELL_M,
      };
      slots[slot + 1] = this.packedLosses(from, fromFloor, floor, middle);
      slots[slot] = tag;
    }
    return ((slots[slot + 1] >>> (band * 10)) & MOST_TENTHS) / 10;
  }

  /** Of the three bands, tenths of a dB, ten bits each. */
  private packedLosses(from: Point, fromFloor: number, floor: number, to: Point): number {
    const { losses, levels } = this;
    losses.fill(Math.round(10 * floorLossDb(Math.abs(levels[fromFloor] - levels[floor]))));
    this.indexes[floor].addLoss(from, to, losses);
    return capped(losses[0]) | (capped(losses[1]) << 10) | (capped(losses[2]) << 20);
  }
}
