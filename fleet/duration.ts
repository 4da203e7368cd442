import { z } from 'zod';

const UNIT_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds of 250us, 500ms, 15s, 5m or 2h; null when it is not like that. */
export function durationMs(text: string): number | null {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(us|ms|s|m|h)$/.exec(text) ?? [];
  return number === undefined ? null : Number(number) * UNIT_MS[unit];
}

/** A duration as it is written in a file; milliseconds once parsed. */
export const duration = z.string().transform((text, context) => {
  const ms = durationMs(text);
  if (ms !== null) return ms;
  context.addIssue({ code: 'custom', message: 'must be like 500ms, 15s, 5m or 2h' });
  return z.NEVER;
});
