import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Random } from '../../platform/ports/random.ts';
import type { User } from '../registry/users.ts';

const MINUTE_MS = 60_000;
/** Without a request for this long, a session is over. */
const IDLE_MS = 60 * MINUTE_MS;
/** Of one person; the oldest goes. */
const MOST_EACH = 10;

export interface WebSession {
  userId: string;
  csrf: string;
  /** A password that was changed since ends the session. */
  passwordChangedMs: number;
  endsMs: number;
  usedMs: number;
}

/**
 * Who is signed in with a browser, by the SHA-256 of the cookie. In memory: a restart signs everybody out. Ends
 * are of monotonic time, so that a clock that is put back prolongs nothing.
 */
export class WebSessions {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #live = new Map<string, WebSession>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  begin(user: User, minutes: number): { cookie: string; session: WebSession } {
    const nowMs = this.#clock.monoMs();
    this.#drop((session) => nowMs >= session.endsMs || nowMs - session.usedMs >= IDLE_MS);
    const own = [...this.#live].filter(([, session]) => session.userId === user.id);
    for (const [key] of own.slice(0, Math.max(0, own.length - MOST_EACH + 1))) this.#live.delete(key);
    const cookie = this.#random.bytes(32).toString('base64url');
    const session: WebSession = {
      userId: user.id,
      csrf: this.#random.bytes(32).toString('base64url'),
      passwordChangedMs: user.passwordChangedMs,
      endsMs: nowMs + minutes * MINUTE_MS,
      usedMs: nowMs,
    };
    this.#live.set(hash(cookie), session);
    return { cookie, session };
  }

  find(cookie: string): WebSession | null {
    const session = this.#live.get(hash(cookie));
    const nowMs = this.#clock.monoMs();
    if (!session || nowMs >= session.endsMs || nowMs - session.usedMs >= IDLE_MS) return null;
    session.usedMs = nowMs;
    return session;
  }

  end(cookie: string): void {
    this.#live.delete(hash(cookie));
  }

  endAllOf(userId: string): void {
    this.#drop((session) => session.userId === userId);
  }

  #drop(ended: (session: WebSession) => boolean): void {
    for (const [key, session] of this.#live) if (ended(session)) this.#live.delete(key);
  }
}

const hash = (cookie: string): string => createHash('sha256').update(cookie).digest('base64url');

export function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
