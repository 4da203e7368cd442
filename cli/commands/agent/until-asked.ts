import type { Agent } from '../../../agent/index.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { explain } from '../../fail.ts';

export interface UntilAskedOptions {
  /** Monotonic; when `--for` is over. */
  endMs?: number;
  exitWhenDone?: boolean;
  /** Throws what is wrong with the settings as they are now. */
  judgeSettings(): Promise<unknown>;
  /** Resolves when the agent is to begin anew: the cloud asks for it, or for other settings. */
  again: Promise<void>;
}

/**
 * Resolves with `stop` at SIGINT, SIGTERM, the end of `--for`, or when all is done; with `again` when the cloud asks
 * for a restart, or at SIGHUP where the settings are good. At SIGHUP with bad ones the agent goes on as it is.
 */
export async function untilAsked(device: Agent, options: UntilAskedOptions): Promise<'stop' | 'again'> {
  const { endMs } = options;
  let stop: () => void = () => {};
  let again: () => void = () => {};
  const asked = new Promise<'stop' | 'again'>((resolve) => {
    stop = () => resolve('stop');
    again = () => resolve('again');
  });
  const reload = () => options.judgeSettings().then(again, (error) => void explain(error));
  const timer = endMs === undefined ? null : nodeClock.timer(Math.max(0, endMs - nodeClock.monoMs()), stop);
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', reload);
  options.again.then(again);
  if (options.exitWhenDone) device.sourcesEnded.then(() => device.drained()).then(stop);
  try {
    return await asked;
  } finally {
    timer?.cancel();
    process.off('SIGINT', stop).off('SIGTERM', stop).off('SIGHUP', reload);
  }
}
