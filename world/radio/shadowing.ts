import { absorb, finish, hash, normal } from '../random.ts';

/**
 * Spatially correlated shadowing (Gudmundson 1991: R = exp(−Δ/dc)) without state per link: normal values on a
 * hash lattice, interpolated. Coming back to a spot gives its value again. Two octaves, spaced 1.7 dc and
 * 0.5 dc with weights 0.775 and 0.632, give a correlation of about 0.39 at dc (exp(−1) = 0.37).
 */
const OCTAVES = [
  { spacing: 1.7, weight: 0.775 },
  { spacing: 0.5, weight: 0.632 },
] as const;

/** Bilinear interpolation, divided by the norm of its weights so that the variance is 1 everywhere. */
function octave(seed: number, x: number, y: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const fx = x - column;
  const fy = y - row;
  const w00 = (1 - fx) * (1 - fy);
  const w10 = fx * (1 - fy);
  const w01 = (1 - fx) * fy;
  const w11 = fx * fy;
  // hash(seed, column, row) at the four corners: two of them share a column.
  const left = absorb(seed, column);
  const right = absorb(seed, column + 1);
  const sum =
    w00 * normal(finish(absorb(left, row))) +
    w10 * normal(finish(absorb(right, row))) +
    w01 * normal(finish(absorb(left, row + 1))) +
    w11 * normal(finish(absorb(right, row + 1)));
  return sum / Math.sqrt(w00 * w00 + w10 * w10 + w01 * w01 + w11 * w11);
}

/** Seeds of the octaves of one transmitter–receiver pairing's field. */
export const octaveSeeds = (seed: number): [number, number] => [hash(seed, 0), hash(seed, 1)];

/** Standard normal field over the plane by the seeds of its octaves; dc in metres. */
export function fieldAt(
  wide: number,
  narrow: number,
  xM: number,
  yM: number,
  decorrelationM: number,
): number {
  const [first, second] = OCTAVES;
  const wideScale = 1 / (first.spacing * decorrelationM);
  const narrowScale = 1 / (second.spacing * decorrelationM);
  return (
    first.weight * octave(wide, xM * wideScale, yM * wideScale) +
    second.weight * octave(narrow, xM * narrowScale, yM * narrowScale)
  );
}

/** The same for one question: `seed` is of the pairing. */
export function shadowing(seed: number, xM: number, yM: number, decorrelationM: number): number {
  const [wide, narrow] = octaveSeeds(seed);
  return fieldAt(wide, narrow, xM, yM, decorrelationM);
}
