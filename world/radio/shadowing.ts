import { hash, normal } from '../random.ts';

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
  const sum =
    w00 * normal(hash(seed, column, row)) +
    w10 * normal(hash(seed, column + 1, row)) +
    w01 * normal(hash(seed, column, row + 1)) +
    w11 * normal(hash(seed, column + 1, row + 1));
  return sum / Math.sqrt(w00 * w00 + w10 * w10 + w01 * w01 + w11 * w11);
}

/** Standard normal field over the plane; `seed` is of one transmitter–receiver pairing, dc in metres. */
export function shadowing(seed: number, xM: number, yM: number, decorrelationM: number): number {
  let value = 0;
  for (let i = 0; i < OCTAVES.length; i++) {
    const { spacing, weight } = OCTAVES[i];
    const scale = 1 / (spacing * decorrelationM);
    value += weight * octave(hash(seed, i), xM * scale, yM * scale);
  }
  return value;
}
