/**
 * Chance in the world is a function of the seed and of *what* is asked, not of *when*: `hash(seed, ap, cell)`
 * gives the same value in any order, in any process, and whether a site runs alone or with a thousand others.
 * Integer arithmetic only, so that no engine can differ in a last bit.
 */

const GOLDEN = 0x9e3779b9;

/**
 * Final mix of MurmurHash3 (Appleby, public domain): every input bit reaches every output bit. Signed, as the
 * processor has it, for loops that hand it on.
 */
export function mixed(h: number): number {
  let x = h ^ (h >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return x ^ (x >>> 16);
}

const finish = (h: number): number => mixed(h) >>> 0;

/** One word into the running hash; the shift brings high bits down to where the next product spreads them. */
export function absorb(h: number, word: number): number {
  const x = Math.imul(h ^ word, 0xcc9e2d51) + GOLDEN;
  return x ^ (x >>> 15);
}

/** 32 bits from a seed and two integers. */
export const hash = (seed: number, a: number, b = 0): number => finish(absorb(absorb(seed, a), b));

/** 32 bits from a seed and four integers. */
export const hash4 = (seed: number, a: number, b: number, c: number, d: number): number =>
  finish(absorb(absorb(absorb(absorb(seed, a), b), c), d));

/** A seed of its own for each named part of a world, so that one part's draws never move another's. */
export function subSeed(seed: number, name: string): number {
  let h = seed >>> 0;
  for (let i = 0; i < name.length; i++) h = absorb(h, name.charCodeAt(i));
  return finish(h);
}

/** [0, 1) from 32 random bits. */
export const uniform = (bits: number): number => bits / 2 ** 32;

const NORMAL_BITS = 14;

/** Acklam's rational approximation of the inverse normal distribution, relative error below 1.2e-9. */
function inverseNormal(p: number): number {
  const a = [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
    2.506628277459239,
  ];
  const b = [
    -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572,
  ];
  const c = [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ];
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];
  const low = 0.02425;
  if (p > 1 - low) return -inverseNormal(1 - p);
  if (p < low) {
    const q = Math.sqrt(-2 * Math.log(p));
    return (
      (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
      ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1)
    );
  }
  const q = p - 0.5;
  const r = q * q;
  return (
    ((((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q) /
    (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1)
  );
}

/** Quantiles at the middle of 2^14 equal steps, in whole millionths, so that all engines hold the same table. */
const NORMAL = Float64Array.from({ length: 1 << NORMAL_BITS }, (_, i) => {
  return Math.round(inverseNormal((i + 0.5) / (1 << NORMAL_BITS)) * 1e6) / 1e6;
});

/** Where the tails of `normal` end, σ. */
export const NORMAL_END = 4.1;

/** Standard normal from 32 random bits, signed or not; the tails end at 4.0 σ. */
export const normal = (bits: number): number => NORMAL[bits >>> (32 - NORMAL_BITS)];

/** Draws in a sequence, for what is made once and in order: a site, its people, a timetable. */
export class Draws {
  private counter = 0;
  private seed: number;

  constructor(seed: number) {
    this.seed = seed;
  }

  /** Goes on as if made from this seed: what follows owes nothing to what was drawn before. */
  restart(seed: number): void {
    this.seed = seed;
    this.counter = 0;
  }

  bits(): number {
    return hash(this.seed, this.counter++);
  }

  /** [0, 1) */
  uniform(): number {
    return uniform(this.bits());
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** low, low + 1, …, high */
  integer(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low + 1));
  }

  normal(): number {
    return normal(this.bits());
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** Exponential with this mean, quantised to millionths of it. */
  exponential(mean: number): number {
    return mean * (Math.round(-Math.log(1 - this.uniform()) * 1e6) / 1e6);
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.uniform() * items.length)];
  }

  /** One of `items`, each as likely as its weight. */
  weighted<T extends { weight: number }>(items: readonly T[]): T {
    let left = this.uniform() * items.reduce((sum, item) => sum + item.weight, 0);
    for (const item of items) {
      left -= item.weight;
      if (left < 0) return item;
    }
    return items[items.length - 1];
  }
}
