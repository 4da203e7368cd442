import { InvalidArgumentError } from 'commander';

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of 500ms, 15s, 5m or 2h. */
export function parseDuration(text: string): number {
  const [, number, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(number) * UNIT_MS[unit];
  if (Number.isSafeInteger(ms) && ms > 0) return ms;
  throw new InvalidArgumentError('must be like 15s, 5m or 2h.');
}
