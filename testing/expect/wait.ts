/** Waiting for what is expected, and what is said when it does not come. */
import type { LabClock } from '../clock.ts';
import { type Duration, durationMs } from '../duration.ts';
import type { Step } from '../recorder.ts';

export interface Within {
  /** Default: 30 s of the lab's time. */
  within?: Duration;
}

/** A failed expectation. The message says what was expected, what was so, and where the evidence is. */
export class ExpectationError extends Error {
  readonly folder: string;
  constructor(message: string, folder: string) {
    super(`${message}\n  evidence: ${folder}`);
    this.name = 'ExpectationError';
    this.folder = folder;
  }
}

export interface Expectation extends Within {
  /** As a scenario has it; null when it can be none. */
  step: Step | null;
  /** `ap0 to be online` */
  expected: string;
  holds(): boolean;
  /** What is so instead. */
  actual(): string;
}

export type Wait = (expectation: Expectation) => Promise<void>;

const DEFAULT_WITHIN = '30 s';

export function waitOn(options: {
  clock: LabClock;
  /** Leaves what a person needs to see what happened; returns where. */
  evidence(message: string): Promise<string>;
  record(step: Step): void;
}): Wait {
  const { clock, evidence, record } = options;
  return async ({ step, within = DEFAULT_WITHIN, expected, holds, actual }) => {
    if (step !== null) record({ ...step, within: `${durationMs(within)}ms` });
    if (await clock.until(holds, durationMs(within))) return;
    const message = `expected ${expected} within ${String(within)}, but ${actual()}`;
    throw new ExpectationError(message, await evidence(message));
  };
}
