import { AirherdError } from '../../../protocol/errors.ts';
import { type Clock, sleep } from '../../ports/clock.ts';
import type { SourceWatcher } from '../../ports/source.ts';

/** Looks again so soon, and then less often. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;

/**
 * A source that goes on by itself: what interrupts it is told once, looked at again after a wait that grows, and
 * told to be over.
 */
export class Recovery {
  private readonly clock: Clock;
  private watcher: SourceWatcher | null = null;
  private told: string | null = null;
  private waitMs = FIRST_WAIT_MS;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  watch(watcher: SourceWatcher): void {
    this.watcher = watcher;
  }

  /** Resolves when it is time to try again. A cause that changes is told again. */
  async interrupted(error: AirherdError, signal: AbortSignal): Promise<void> {
    if (this.told !== error.message) {
      this.told = error.message;
      this.watcher?.interrupted(error);
    }
    await sleep(this.clock, this.waitMs, signal).catch(() => undefined);
    this.waitMs = Math.min(this.waitMs * 2, LONGEST_WAIT_MS);
  }

  /** It gives something again; whether it was interrupted before. */
  running(missed: () => number): boolean {
    this.waitMs = FIRST_WAIT_MS;
    if (this.told === null) return false;
    this.told = null;
    this.watcher?.resumed(missed());
    return true;
  }
}

/** What is no AirherdError is a mistake of ours, and not to be waited out. */
export function asAirherdError(error: unknown): AirherdError {
  if (error instanceof AirherdError) return error;
  throw error;
}
