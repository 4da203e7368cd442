import { crosses } from '../site/geometry.ts';
import { floorLossDb, MATERIALS } from '../site/materials.ts';
import type { Band, Floor, Point } from '../site/model.ts';

/** dB that the walls of `floor` take on the straight way from a to b. */
export function wallLossDb(floor: Floor, band: Band, a: Point, b: Point): number {
  let loss = 0;
  for (const wall of floor.walls) {
    if (crosses(wall.from, wall.to, a, b)) loss += MATERIALS[wall.material][band];
  }
  return loss;
}

const CELL_M = 0.5;

/**
 * Wall loss from one place to every half-metre cell of a floor, each worked out when it is first asked for. A
 * walking client costs a look-up; the walls are gone through once a cell.
 */
export class WallLossMap {
  private readonly tenths: Int16Array;
  private readonly columns: number;
  private readonly rows: number;
  private readonly floor: Floor;
  private readonly band: Band;
  private readonly from: Point;
  private readonly floorsDb: number;

  /** `floorsBetween` is how many ceilings lie between the place and this floor. */
  constructor(floor: Floor, band: Band, from: Point, widthM: number, depthM: number, floorsBetween: number) {
    this.floor = floor;
    this.band = band;
    this.from = from;
    this.columns = Math.ceil(widthM / CELL_M) + 1;
    this.rows = Math.ceil(depthM / CELL_M) + 1;
    this.tenths = new Int16Array(this.columns * this.rows).fill(-1);
    this.floorsDb = floorLossDb(floorsBetween);
  }

  at(xM: number, yM: number): number {
    const column = Math.min(this.columns - 1, Math.max(0, Math.floor(xM / CELL_M)));
    const row = Math.min(this.rows - 1, Math.max(0, Math.floor(yM / CELL_M)));
    const i = row * this.columns + column;
    if (this.tenths[i] < 0) {
      const middle = { x: (column + 0.5) * CELL_M, y: (row + 0.5) * CELL_M };
      const loss = wallLossDb(this.floor, this.band, this.from, middle) + this.floorsDb;
      this.tenths[i] = Math.round(loss * 10);
    }
    return this.tenths[i] / 10;
  }
}
