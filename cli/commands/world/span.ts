import { InvalidArgumentError } from 'commander';

/** A Monday morning, so that the same command gives the same file on any day. */
export const DEFAULT_START = '2026-03-02T09:00:00Z';

/** Milliseconds since the Unix epoch of an ISO 8601 time with its zone. */
export function parseStart(text: string): number {
  const ms = /(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms) && ms >= 0) return ms;
  throw new InvalidArgumentError('must be like 2026-03-02T09:00:00Z.');
}

export function parseWhole(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`write a whole number from ${low} to ${high}`);
  };
}
