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
  private readonly floor: Floor;
  private readonly buckets: number[][];
  private readonly columns: number;
  private readonly rows: number;
  private readonly west: number;
  private readonly south: number;
  /** By wall: the ray that met it last. A long wall is in many squares and counts once. */
  private readonly met: Uint32Array;
  private ray = 0;

  constructor(floor: Floor) {
    const box = boundingBox(floor.outline);
    this.floor = floor;
    this.west = box.west;
    this.south = box.south;
    this.columns = Math.floor((box.east - box.west) / BUCKET_M) + 1;
    this.rows = Math.floor((box.north - box.south) / BUCKET_M) + 1;
    this.buckets = Array.from({ length: this.columns * this.rows }, () => []);
    this.met = new Uint32Array(floor.walls.length);
    floor.walls.forEach((wall, i) => {
      this.visit(wall.from, wall.to, (bucket) => bucket.push(i));
    });
  }

  private column = (x: number): number =>
    Math.min(this.columns - 1, Math.max(0, Math.floor((x - this.west) / BUCKET_M)));
  private row = (y: number): number =>
    Math.min(this.rows - 1, Math.max(0, Math.floor((y - this.south) / BUCKET_M)));

  /** Every square that the line from a to b may touch: row by row, a hair wider than it is. */
  private visit(a: Point, b: Point, each: (bucket: number[]) => void): void {
    const [low, high] = a.y <= b.y ? [a, b] : [b, a];
    const slope = high.y > low.y ? (high.x - low.x) / (high.y - low.y) : 0;
    const hair = 1e-6;
    for (let row = this.row(low.y); row <= this.row(high.y); row++) {
      const enter = Math.max(low.y, this.south + row * BUCKET_M);
      const leave = Math.min(high.y, this.south + (row + 1) * BUCKET_M);
      const x1 = high.y > low.y ? low.x + (enter - low.y) * slope : low.x;
      const x2 = high.y > low.y ? low.x + (leave - low.y) * slope : high.x;
      const last = this.column(Math.max(x1, x2) + hair);
      for (let column = this.column(Math.min(x1, x2) - hair); column <= last; column++) {
        each(this.buckets[row * this.columns + column]);
      }
    }
  }

  /** Adds what the walls between a and b take, tenths of a dB, to the entry of each band. */
  addLoss(a: Point, b: Point, tenths: Int32Array): void {
    this.ray++;
    this.visit(a, b, (bucket) => {
      for (const i of bucket) {
        if (this.met[i] === this.ray) continue;
        this.met[i] = this.ray;
        const wall = this.floor.walls[i];
        if (!crosses(wall.from, wall.to, a, b)) continue;
        const loss = MATERIALS[wall.material];
        for (let band = 0; band < BANDS.length; band++) tenths[band] += Math.round(10 * loss[BANDS[band]]);
      }
    });
  }
}

const CELL_M = 0.5;
const MAX_SLOTS = 1 << 21;

/**
 * Loss through walls and ceilings from access points to half-metre cells, each worked out when it is first
 * asked for and kept in a table of fixed size, where a later one may take its slot: the values are a function
 * of the site alone, so what is kept changes nothing but the time it takes.
 */
export class WallLosses {
  private readonly floors: { index: WallIndex; west: number; south: number; columns: number; base: number }[];
  private readonly levels: readonly number[];
  private readonly mask: number;
  /**
   * By slot: which access point, plus one, and which cell it is for, and the loss in tenths of a dB: one number
   * for the first two bands, one for the third. A slot is a quarter of a line of the processor's cache.
   */
  private readonly slots: Int32Array;
  private readonly losses = new Int32Array(BANDS.length);

  /** `slots` is a power of two, 16 bytes each; by default twice what all places need, 32 MiB at most. */
  constructor(site: Site, slots?: number) {
    let base = 0;
    this.floors = site.floors.map((floor) => {
      const box = boundingBox(floor.outline);
      const columns = Math.ceil((box.east - box.west) / CELL_M) + 1;
      const rows = Math.ceil((box.north - box.south) / CELL_M) + 1;
      const entry = { index: new WallIndex(floor), west: box.west, south: box.south, columns, base };
      base += columns * rows;
      return entry;
    });
    this.levels = site.floors.map((floor) => floor.level);
    const wanted = Math.min(2 * base * site.accessPoints.length, MAX_SLOTS);
    const count = slots ?? 2 ** Math.ceil(Math.log2(Math.max(1, wanted)));
    this.mask = count - 1;
    this.slots = new Int32Array(count * 4);
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
    const on = this.floors[floor];
    const column = Math.max(0, Math.min(on.columns - 1, Math.floor((x - on.west) / CELL_M)));
    const row = Math.max(0, Math.floor((y - on.south) / CELL_M));
    const cell = on.base + row * on.columns + column;
    // Cells in a row stay neighbours: whoever walks stays in the cache.
    const slot = ((Math.imul(id, 0x9e3779b1) + cell) & this.mask) * 4;
    const { slots } = this;
    if (slots[slot] !== id + 1 || slots[slot + 1] !== cell) {
      const ceilings = Math.abs(this.levels[fromFloor] - this.levels[floor]);
      const { losses } = this;
      losses.fill(Math.round(10 * floorLossDb(ceilings)));
      const middle = { x: on.west + (column + 0.5) * CELL_M, y: on.south + (row + 0.5) * CELL_M };
      on.index.addLoss(from, middle, losses);
      slots[slot] = id + 1;
      slots[slot + 1] = cell;
      slots[slot + 2] = (losses[0] << 16) | losses[1];
      slots[slot + 3] = losses[2];
    }
    const tenths = band === 2 ? slots[slot + 3] : (slots[slot + 2] >> (band === 0 ? 16 : 0)) & 0xffff;
    return tenths / 10;
  }
}
