import { absorb, hash, mixed, normal } from '../random.ts';

/**
 * Spatially correlated shadowing (Gudmundson 1991: R = exp(−Δ/dc)) without state per link: normal values on a
 * hash lattice, interpolated. Coming back to a spot gives its value again. Two octaves, spaced 1.7 dc and
 * 0.5 dc with weights 0.775 and 0.632, give a correlation of about 0.39 at dc (exp(−1) = 0.37).
 */
const OCTAVES = [
  { spacing: 1.7, weight: 0.775 },
  { spacing: 0.5, weight: 0.632 },
] as const;

/** Where a place is in one octave's lattice: its square, and how much each corner of the square counts. */
class LatticeSquare {
  column = 0;
  row = 0;
  /** South-west, south-east, north-west, north-east. */
  readonly weights = new Float64Array(4);
  private readonly perMetre: number;
  private readonly weight: number;

  constructor({ spacing, weight }: { spacing: number; weight: number }, decorrelationM: number) {
    this.perMetre = 1 / (spacing * decorrelationM);
    this.weight = weight;
  }

  moveTo(xM: number, yM: number): void {
    const x = xM * this.perMetre;
    const y = yM * this.perMetre;
    this.column = Math.floor(x);
    this.row = Math.floor(y);
    const fx = x - this.column;
    const fy = y - this.row;
    const w00 = (1 - fx) * (1 - fy);
    const w10 = fx * (1 - fy);
    const w01 = (1 - fx) * fy;
    const w11 = fx * fy;
    // Divided by the norm of the weights, so that the variance is the same everywhere.
    const scale = this.weight / Math.sqrt(w00 * w00 + w10 * w10 + w01 * w01 + w11 * w11);
    this.weights[0] = w00 * scale;
    this.weights[1] = w10 * scale;
    this.weights[2] = w01 * scale;
    this.weights[3] = w11 * scale;
  }

  /** Bilinear interpolation of hash(seed, column, row) at the four corners; two of them share a column. */
  value(seed: number): number {
    const { weights, row } = this;
    const left = absorb(seed, this.column);
    const right = absorb(seed, this.column + 1);
    return (
      weights[0] * normal(mixed(absorb(left, row))) +
      weights[1] * normal(mixed(absorb(right, row))) +
      weights[2] * normal(mixed(absorb(left, row + 1))) +
      weights[3] * normal(mixed(absorb(right, row + 1)))
    );
  }
}

/** Seeds of the octaves of one transmitter–receiver pairing's field. */
export const octaveSeeds = (seed: number): [number, number] => [hash(seed, 0), hash(seed, 1)];

/** A place in the standard normal fields of all pairings: what they share is worked out once; dc in metres. */
export class ShadowedPlace {
  private readonly wide: LatticeSquare;
  private readonly narrow: LatticeSquare;

  constructor(decorrelationM: number) {
    this.wide = new LatticeSquare(OCTAVES[0], decorrelationM);
    this.narrow = new LatticeSquare(OCTAVES[1], decorrelationM);
  }

  moveTo(xM: number, yM: number): void {
    this.wide.moveTo(xM, yM);
    this.narrow.moveTo(xM, yM);
  }

  /** Of the pairing with these seeds of octaves. */
  value(wide: number, narrow: number): number {
    return this.wide.value(wide) + this.narrow.value(narrow);
  }
}

/** The same for one question: `seed` is of the pairing. */
export function shadowing(seed: number, xM: number, yM: number, decorrelationM: number): number {
  const [wide, narrow] = octaveSeeds(seed);
  const place = new ShadowedPlace(decorrelationM);
  place.moveTo(xM, yM);
  return place.value(wide, narrow);
}
