import type { Clock, Timer } from '../ports/clock.ts';

function cancelling(handle: NodeJS.Timeout, clear: (handle: NodeJS.Timeout) => void): Timer {
  return { cancel: () => clear(handle) };
}

/** The machine's clock. */
export const nodeClock: Clock = {
  wallMs: () => Date.now(),
  monoMs: () => performance.now(),
  timer: (delayMs, run) => cancelling(setTimeout(run, delayMs), clearTimeout),
  every: (periodMs, run) => cancelling(setInterval(run, periodMs), clearInterval),
};
