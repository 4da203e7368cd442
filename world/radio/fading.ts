import { absorb, hash, hash4, mixed, NORMAL_END, normal } from '../random.ts';

/** Small-scale fading: what a quarter of a wavelength changes. */
export type Fading =
  | { kind: 'normal'; sdDb: number }
  /** A Ricean envelope, redrawn every `redrawM` metres; K is the ratio of the direct path to the rest. */
  | { kind: 'ricean'; kFactorDb: number; redrawM: number };

const QUANTILES = 4096;

/** `draws` Ricean power gains in dB, mean *power* 0 dB; their mean in dB is below 0 (−2.5 for Rayleigh). */
function riceanGainsDb(kFactorDb: number, draws: number): Float64Array {
  const k = 10 ** (kFactorDb / 10);
  const direct = Math.sqrt(k / (k + 1));
  const scatter = Math.sqrt(1 / (2 * (k + 1)));
  return Float64Array.from({ length: draws }, (_, i) => {
    const re = direct + scatter * normal(hash(1, i));
    const im = scatter * normal(hash(2, i));
    return 10 * Math.log10(Math.max(re * re + im * im, 1e-6));
  });
}

/** Mean and standard deviation in dB of a Ricean gain, in thousandths. */
export function riceanMomentsDb(kFactorDb: number): { meanDb: number; sdDb: number } {
  const gains = riceanGainsDb(kFactorDb, 4 * QUANTILES);
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / gains.length;
  return { meanDb: Math.round(mean * 1000) / 1000, sdDb: Math.round(Math.sqrt(variance) * 1000) / 1000 };
}

/** Quantiles of a Ricean power gain, thousandths of a dB. */
function riceanTable(kFactorDb: number): Int32Array {
  const gains = riceanGainsDb(kFactorDb, 32 * QUANTILES).sort();
  return Int32Array.from({ length: QUANTILES }, (_, i) => Math.round(gains[32 * i + 16] * 1000));
}

const QUARTER = QUANTILES / 2 ** 32;

export class FadingGenerator {
  /** No gain is larger, dB. */
  readonly mostDb: number;
  private readonly fading: Fading;
  private readonly table: Int32Array;

  constructor(fading: Fading) {
    this.fading = fading;
    this.table = fading.kind === 'ricean' ? riceanTable(fading.kFactorDb) : new Int32Array(0);
    this.mostDb = fading.kind === 'ricean' ? this.table[QUANTILES - 1] / 1000 : NORMAL_END * fading.sdDb;
  }

  /**
   * Gain in dB of the link `seed` on `channel` at a place. `sample` tells apart what is measured at one place:
   * normal fading differs at each, Ricean fading only when the place has changed.
   */
  at(seed: number, channel: number, xM: number, yM: number, sample: number): number {
    if (this.fading.kind === 'normal') {
      return this.fading.sdDb * normal(mixed(absorb(absorb(seed, channel), sample)));
    }
    const { redrawM } = this.fading;
    const bits = hash4(seed, channel, Math.floor(xM / redrawM), Math.floor(yM / redrawM), 0);
    return this.table[Math.floor(bits * QUARTER)] / 1000;
  }
}

/** Φ(z) in steps of 1/64 from −8 to 8, by Abramowitz and Stegun 26.2.17 (error below 7.5e-8), quantised. */
const STEPS = 64;
const CUMULATIVE = Float64Array.from({ length: 16 * STEPS + 1 }, (_, i) => {
  const z = i / STEPS - 8;
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const poly =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const upper = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly;
  return Math.round((z >= 0 ? 1 - upper : upper) * 1e6) / 1e6;
});

/** Spread of a receiver's threshold, dB. */
const THRESHOLD_SD_DB = 2.5;

/** Φ is 0 in millionths from here down: so far below its sensitivity no receiver ever hears. One for rounding. */
export const NEVER_BELOW_DB = 5.5 * THRESHOLD_SD_DB + 1;

/** Probability that a signal is received that is so much above the sensitivity: Φ(dB / 2.5), in millionths. */
export function receptionOdds(aboveDb: number): number {
  const z = aboveDb / THRESHOLD_SD_DB;
  return CUMULATIVE[Math.round(Math.min(8, Math.max(-8, z)) * STEPS) + 8 * STEPS];
}
