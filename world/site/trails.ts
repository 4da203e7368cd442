/**
 * Shortest ways from all rooms of a floor to one of them, cell by cell, some ten bytes each: a large site has
 * hundreds of thousands and holds them all.
 */
import { NO_STEP, type WalkableFloor } from './walkable.ts';

/** Equal steps that follow each other are one byte: which step in the low bits, how often less one in the others. */
const STEP_BITS = 3;
const LONGEST_RUN = 256 >> STEP_BITS;

export class Trails {
  private readonly mask: WalkableFloor;
  private readonly starts: readonly number[];
  private readonly target: number;
  private readonly runs: Uint8Array;
  /** By start: where its runs end. They begin where those of the start before it end. */
  private readonly ends: Uint16Array | Uint32Array;

  /** From each of the cells `starts`, −1 for one that nobody can walk from, to the cell `target`. */
  constructor(mask: WalkableFloor, starts: readonly number[], target: number) {
    const directions = mask.directions(target);
    const runs: number[] = [];
    const ends = starts.map((start) => {
      if (start >= 0 && directions[start] !== NO_STEP) pack(mask, start, target, directions, runs);
      return runs.length;
    });
    this.mask = mask;
    this.starts = starts;
    this.target = target;
    this.runs = Uint8Array.from(runs);
    this.ends = runs.length > 0xffff ? Uint32Array.from(ends) : Uint16Array.from(ends);
  }

  /** Cells from the start of this number to the target, both included; null when there is no way. */
  cells(number: number): number[] | null {
    const start = this.starts[number];
    if (start === this.target) return [start];
    const end = this.ends[number];
    const cells = [start];
    let cell = start;
    for (let i = number === 0 ? 0 : this.ends[number - 1]; i < end; i++) {
      const run = this.runs[i];
      const offset = this.mask.offsets[run % (1 << STEP_BITS)];
      for (let left = run >> STEP_BITS; left >= 0; left--) {
        cell += offset;
        cells.push(cell);
      }
    }
    return cells.length > 1 ? cells : null;
  }
}

/** Appends the runs of the way from `start`, which has one. */
function pack(
  mask: WalkableFloor,
  start: number,
  target: number,
  directions: Uint8Array,
  runs: number[],
): void {
  for (let cell = start; cell !== target; ) {
    const step = directions[cell];
    let length = 0;
    while (cell !== target && directions[cell] === step && length < LONGEST_RUN) {
      cell += mask.offsets[step];
      length++;
    }
    runs.push(step | ((length - 1) << STEP_BITS));
  }
}
