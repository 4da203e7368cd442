/** Cancels what `Clock.timer` started. Cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

/** The only source of time for the agent, the cloud and the fleet. */
export interface Clock {
  /** Wall time, milliseconds since the Unix epoch. May be years off, and may jump. */
  wallMs(): number;
  /** Milliseconds since an arbitrary start. Never goes back. */
  monoMs(): number;
  /** Calls `run` once, `delayMs` from now. The owner cancels it on stop. */
  timer(delayMs: number, run: () => void): Timer;
  /** Calls `run` every `periodMs` until cancelled. */
  every(periodMs: number, run: () => void): Timer;
}

/** Resolves after `delayMs`, or rejects with the signal's reason when aborted first. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.timer(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
