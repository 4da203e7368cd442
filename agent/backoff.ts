import type { Random } from '../platform/ports/random.ts';

export interface BackoffOptions {
  minMs: number;
  maxMs: number;
}

/**
 * Delays before each next attempt, without end: "full jitter" below a doubling ceiling (M. Brooker,
 * Exponential Backoff And Jitter, 2015), never under `minMs`, so that a thousand devices that lost one cloud
 * do not come back as one wave.
 */
export function* backoff(random: Random, { minMs, maxMs }: BackoffOptions): Generator<number, never> {
  for (let ceilingMs = minMs; ; ceilingMs = Math.min(maxMs, ceilingMs * 2)) {
    yield Math.round(minMs + random.float() * (Math.max(ceilingMs, minMs) - minMs));
  }
}
