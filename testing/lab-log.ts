/** The last that cloud and devices of a lab have logged, for the evidence of a failure. */
import { type Logger, pino } from 'pino';
import type { Clock } from '../platform/ports/clock.ts';

const MOST_LINES = 2_000;

export function labLog(clock: Clock, seed: number): { log: Logger; lines: readonly string[] } {
  const lines: string[] = [];
  const log = pino(
    { level: 'info', base: { seed }, timestamp: () => `,"time":${clock.wallMs()}` },
    {
      write: (line: string) => {
        lines.push(line);
        if (lines.length > MOST_LINES) lines.splice(0, MOST_LINES / 2);
      },
    },
  );
  return { log, lines };
}
