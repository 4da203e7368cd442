/** The time of a lab: virtual beside real sockets, or the machine's. */
import { nodeClock } from '../platform/node/clock.ts';
import { type Clock, sleep, type Timer } from '../platform/ports/clock.ts';
import { SettlingClock } from '../platform/sim/settling-clock.ts';
import { type Duration, durationMs } from './duration.ts';

export interface LabClock extends Clock {
  readonly isVirtual: boolean;
  /** Virtual time moves by so much, with all that falls due; real time passes. */
  advance(by: Duration): Promise<void>;
  /** Lets time pass until something holds; false when it does not hold by then. */
  until(holds: () => boolean, withinMs: number): Promise<boolean>;
  /** Lets time pass as far as some work needs it: in virtual time nothing that waits for a timer ends by itself. */
  during<T>(work: Promise<T>): Promise<T>;
}

/** Of virtual time; what takes longer goes on by itself, and waits for whoever moves time next. */
const LONGEST_WORK_MS = 30_000;

/** How often a condition is looked at in real time. */
const LOOK_MS = 10;
/** What a cloud does every so often, it does in virtual time so many times less often, and not more often than this. */
const CLOUD_STRETCH = 10;
const CLOUD_PERIOD_MS = 10_000;

export interface ClockOptions {
  startMs: number;
  activity(): number;
  isBusy(): boolean;
}

export function virtualClock(options: ClockOptions): LabClock {
  const clock = new SettlingClock(options);
  return {
    isVirtual: true,
    wallMs: () => clock.wallMs(),
    monoMs: () => clock.monoMs(),
    timer: (delayMs, run) => clock.timer(delayMs, run),
    every: (periodMs, run) => clock.every(periodMs, run),
    advance: (by) => clock.advance(durationMs(by)),
    until: (holds, withinMs) => clock.until(holds, withinMs),
    async during(work) {
      let isDone = false;
      const settled = work.finally(() => {
        isDone = true;
      });
      settled.catch(() => undefined);
      await clock.until(() => isDone, LONGEST_WORK_MS);
      return settled;
    },
  };
}

export function realClock(): LabClock {
  return {
    ...nodeClock,
    isVirtual: false,
    advance: (by) => sleep(nodeClock, durationMs(by)),
    async until(holds, withinMs) {
      const untilMs = nodeClock.monoMs() + withinMs;
      while (!holds()) {
        if (nodeClock.monoMs() >= untilMs) return false;
        await sleep(nodeClock, LOOK_MS);
      }
      return true;
    },
    during: (work) => work,
  };
}

/** The cloud's: a virtual day is not to be filled with its looks at its own registry. */
export const cloudClock = (clock: LabClock): Clock =>
  clock.isVirtual
    ? {
        ...clock,
        every: (periodMs, run): Timer =>
          clock.every(Math.max(periodMs * CLOUD_STRETCH, CLOUD_PERIOD_MS), run),
      }
    : clock;

/** A device's, as far off as it is told to be. */
export function deviceClock(clock: Clock, offMs: () => number): Clock {
  return {
    wallMs: () => clock.wallMs() + offMs(),
    monoMs: () => clock.monoMs(),
    timer: (delayMs, run) => clock.timer(delayMs, run),
    every: (periodMs, run) => clock.every(periodMs, run),
  };
}
