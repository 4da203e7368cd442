import { AirherdError } from '../protocol/errors.ts';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  millisecond: 1,
  s: 1000,
  second: 1000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
};

/** Milliseconds, or as people write it: `3 s`, `500ms`, `8 days`, `1.5 h`. */
export type Duration = number | string;

/** @throws AirherdError usage-invalid */
export function durationMs(duration: Duration): number {
  if (typeof duration === 'number' && Number.isFinite(duration) && duration >= 0) return duration;
  const [, count, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]+?)s?$/.exec(String(duration).trim()) ?? [];
  const exact = /^(\d+(?:\.\d+)?)\s*(ms|s)$/.exec(String(duration).trim());
  const unitMs = exact ? UNITS[exact[2]] : UNITS[unit];
  if (unitMs !== undefined) return Math.round(Number(exact?.[1] ?? count) * unitMs);
  throw new AirherdError('usage-invalid', {
    detail: `${String(duration)} is no duration; write 500 ms, 3 s, 10 min, 2 h or 8 days`,
  });
}
