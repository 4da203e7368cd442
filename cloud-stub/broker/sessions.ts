import type { Clock } from '../../platform/ports/clock.ts';
import { AirherdError } from '../../protocol/errors.ts';
import type { Refusals } from '../refusals.ts';
import type { SecurityEvents } from '../registry/security-events.ts';
import type { Session } from './session.ts';

const MINUTE_MS = 60_000;
/** More takeovers than this within a minute, and two devices share one identity. */
const TAKEOVERS_PER_MINUTE = 3;

/** The live session of each device: a newly proven one replaces the old (MQTT-3.1.4-2). */
export class Sessions {
  readonly #live = new Map<string, Session>();
  readonly #takeovers = new Map<string, number[]>();
  readonly #clock: Clock;
  readonly #refusals: Refusals;
  readonly #events: SecurityEvents;

  constructor(clock: Clock, refusals: Refusals, events: SecurityEvents) {
    this.#clock = clock;
    this.#refusals = refusals;
    this.#events = events;
  }

  begin(session: Session): void {
    const { serial } = session;
    const old = this.#live.get(serial);
    this.#live.set(serial, session);
    if (!old) return;
    this.cut(old, new AirherdError('session-replaced', { serial }));
    this.#countTakeover(serial);
  }

  #countTakeover(serial: string): void {
    const nowMs = this.#clock.monoMs();
    const times = (this.#takeovers.get(serial) ?? []).filter((atMs) => nowMs - atMs < MINUTE_MS);
    times.push(nowMs);
    if (times.length > TAKEOVERS_PER_MINUTE) {
      this.#events.record(serial, 'clone-suspected', `${times.length} takeovers within a minute`);
      times.length = 0;
    }
    this.#takeovers.set(serial, times);
  }

  /** Ends a session for a reason that is counted. */
  cut(session: Session, error: AirherdError): void {
    if (session.ended) return;
    this.#refusals.record(error, session.channel.remoteAddress, session.serial);
    session.cut();
    this.end(session);
  }

  end(session: Session): void {
    session.ended = true;
    if (this.#live.get(session.serial) === session) this.#live.delete(session.serial);
  }

  of(serial: string): Session | undefined {
    return this.#live.get(serial);
  }

  all(): Session[] {
    return [...this.#live.values()];
  }

  get size(): number {
    return this.#live.size;
  }
}
