import type { Logger } from 'pino';
import type { Clock } from '../platform/ports/clock.ts';
import { AirherdError, CATALOGUE, type ErrorCode, type ErrorParameters } from '../protocol/errors.ts';

export interface RefusalRecord {
  atMs: number;
  code: ErrorCode;
  serial: string | null;
  remoteAddress: string;
  message: string;
}

const KEPT = 200;
/** A flood of refusals must not become a flood of log lines: this many a second and code. */
const LOGGED_PER_SECOND = 20;

/** Counts every refusal by its code, keeps the newest, and logs them without drowning the log. */
export class Refusals {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #counts = new Map<ErrorCode, number>();
  readonly #recent: RefusalRecord[] = [];
  readonly #logged = new Map<ErrorCode, { second: number; lines: number }>();

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  record(error: AirherdError, remoteAddress: string, serial: string | null = null): void {
    const { code, message } = error;
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
    this.#recent.push({ atMs: this.#clock.wallMs(), code, serial, remoteAddress, message });
    if (this.#recent.length > KEPT) this.#recent.shift();
    if (this.#mayLog(code)) this.#log.warn({ code, serial, remoteAddress }, message);
  }

  #mayLog(code: ErrorCode): boolean {
    // Said once, by the store itself.
    if (code === 'store-full') return false;
    const second = Math.floor(this.#clock.monoMs() / 1000);
    const logged = this.#logged.get(code);
    if (logged?.second !== second) {
      this.#logged.set(code, { second, lines: 1 });
      return true;
    }
    return ++logged.lines <= LOGGED_PER_SECOND;
  }

  counts(): Partial<Record<ErrorCode, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** Newest first. */
  recent(): RefusalRecord[] {
    return [...this.#recent].reverse();
  }
}

/** The catalogue's error for a code that came as text; `internal` for one that is not in it. */
export function refusal(code: string, parameters: ErrorParameters): AirherdError {
  return code in CATALOGUE
    ? new AirherdError(code as ErrorCode, parameters)
    : new AirherdError('internal', { detail: code });
}
