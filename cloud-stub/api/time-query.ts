import { z } from 'zod';

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

const time = z
  .string()
  .regex(/^(\d{1,12}(\.\d+)?|-\d{1,6}[smhdw])$/, 'is neither epoch seconds nor like -1d');

/** `start`, `end` as epoch seconds or relative (`-1d`), `duration` (`1d`) before the end. */
export const timeQuery = {
  start: time.optional(),
  end: time.optional(),
  duration: z
    .string()
    .regex(/^\d{1,6}[smhdw]$/, 'is not like 1d')
    .default('1d'),
};

const lengthMs = (text: string): number => Number(text.slice(0, -1)) * UNIT_MS[text.slice(-1)];
const timeMs = (text: string, nowMs: number): number =>
  text.startsWith('-') ? nowMs - lengthMs(text.slice(1)) : Number(text) * 1000;

export function timeWindow(
  { start, end, duration }: { start?: string; end?: string; duration: string },
  nowMs: number,
): { fromMs: number; toMs: number } {
  const toMs = end === undefined ? nowMs + 1 : timeMs(end, nowMs);
  return { fromMs: start === undefined ? toMs - lengthMs(duration) : timeMs(start, nowMs), toMs };
}
