/** How long people stay and when they come. */
import type { Draws } from '../random.ts';

/**
 * BiPareto (Nuzman et al. 2002): P(X > x) = (x/k)^−α · ((x/k + c)/(1 + c))^(α−β) for x ≥ k: a power law of
 * exponent α for short stays and of β for long ones.
 */
export interface BiPareto {
  alpha: number;
  beta: number;
  c: number;
  /** Shortest, in the unit of the result. */
  k: number;
}

export const biParetoTail = ({ alpha, beta, c, k }: BiPareto, x: number): number =>
  x <= k ? 1 : (x / k) ** -alpha * ((x / k + c) / (1 + c)) ** (alpha - beta);

/** The value that a share `tail` of all draws exceeds, to a thousandth of k. */
export function biParetoQuantile(law: BiPareto, tail: number): number {
  let high = 2 * law.k;
  while (biParetoTail(law, high) > tail && high < 1e6 * law.k) high *= 2;
  let low = law.k;
  for (let i = 0; i < 40 && high - low > law.k / 2000; i++) {
    const middle = (low + high) / 2;
    if (biParetoTail(law, middle) > tail) low = middle;
    else high = middle;
  }
  return (Math.round((1000 * high) / law.k) / 1000) * law.k;
}

/** An arrival beyond this multiple of the usual rate is not possible, whatever the crowd. */
export const MOST_CROWD = 10;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Arrivals of one person within a day, a Poisson process whose rate follows the hours: `perDay` of them on
 * average, shared out as `byHour`. A crowd multiplies the rate; it adds arrivals and moves none.
 */
export function arrivals(
  draws: Draws,
  perDay: number,
  byHour: readonly number[],
  crowdAt: (msOfDay: number) => number,
): number[] {
  const total = byHour.reduce((sum, weight) => sum + weight, 0);
  const peak = (perDay * Math.max(...byHour)) / total / HOUR_MS;
  const times: number[] = [];
  const meanGapMs = 1 / (peak * MOST_CROWD);
  for (let t = draws.exponential(meanGapMs); t < DAY_MS; t += draws.exponential(meanGapMs)) {
    const rate = (perDay * byHour[Math.floor(t / HOUR_MS)]) / total / HOUR_MS;
    const wanted = (rate * Math.min(MOST_CROWD, crowdAt(t))) / (peak * MOST_CROWD);
    if (draws.uniform() < wanted) times.push(Math.round(t));
  }
  return times;
}
