/**
 * The session with the cloud, from power-on to power-off.
 *
 * | state       | lasts while                                            | next                         |
 * |-------------|--------------------------------------------------------|------------------------------|
 * | idle        | not started, or stopped                                | dialing                      |
 * | dialing     | TCP and TLS; then the certificate is judged            | connecting, backoff, closing |
 * | connecting  | CONNECT with our proof is sent, CONNACK awaited        | subscribing, backoff, closing |
 * | subscribing | SUBSCRIBE is sent, SUBACK awaited                      | proving, backoff, closing    |
 * | proving     | the cloud's proof and welcome are awaited, 10 s        | welcomed, backoff, closing   |
 * | welcomed    | proven; period judged again by the cloud's time        | open, dialing, backoff, closing |
 * | open        | hello, then what the outbox holds, flows               | backoff, closing             |
 * | backoff     | a jittered wait before the next attempt                | dialing, closing             |
 * | closing     | stop was asked for; the connection is being closed     | idle                         |
 *
 * welcomed → dialing is the one redirect that a login may follow. Where it led is dialled first from then on
 * (home-region.ts); when that fails, the next attempt is at the configured cloud, which may redirect again.
 */
import { type Clock, sleep } from '../platform/ports/clock.ts';
import type { Random } from '../platform/ports/random.ts';
import type { CloudAddress } from '../protocol/cloud-url.ts';
import { AirherdError, type ErrorCode } from '../protocol/errors.ts';
import { type BackoffOptions, backoff } from './backoff.ts';
import { redirectAddress } from './cloud-address.ts';
import type { HomeRegion } from './home-region.ts';
import type { LoggedIn, LoginStep } from './login.ts';

export const TRANSITIONS = {
  idle: ['dialing'],
  dialing: ['connecting', 'backoff', 'closing'],
  connecting: ['subscribing', 'backoff', 'closing'],
  subscribing: ['proving', 'backoff', 'closing'],
  proving: ['welcomed', 'backoff', 'closing'],
  welcomed: ['open', 'dialing', 'backoff', 'closing'],
  open: ['backoff', 'closing'],
  backoff: ['dialing', 'closing'],
  closing: ['idle'],
} as const satisfies Record<string, readonly string[]>;
export type SessionState = keyof typeof TRANSITIONS;

/** A cloud that answered and refused will refuse again: the next attempt is far. */
const REFUSALS: readonly ErrorCode[] = [
  'cloud-certificate',
  'cloud-unproven',
  'login-refused',
  'tls-refused',
  'limit-exceeded',
  'internal',
];

export interface SessionOptions {
  serial: string;
  address: CloudAddress;
  clock: Clock;
  random: Random;
  backoff: BackoffOptions;
  /** An open session of this length starts the backoff anew. */
  stableMs: number;
  /** Where the device was redirected to before. */
  home?: HomeRegion;
  /** The session is of another region than the one before: what is acknowledged is stored there, not here. */
  onMoved?(): Promise<void>;
  login(address: CloudAddress, onStep: (step: LoginStep) => void, signal: AbortSignal): Promise<LoggedIn>;
  /** Runs the open session; resolves to why its link went down, to null after an abort. */
  serve(loggedIn: LoggedIn, signal: AbortSignal): Promise<AirherdError | null>;
  onState(state: SessionState, previous: SessionState): void;
  onFailure(error: AirherdError, retryInMs: number): void;
}

export class Session {
  private readonly options: SessionOptions;
  private current: SessionState = 'idle';
  /** The last attempt was at the region that the device was once redirected to, and failed. */
  private homeFailed = false;

  constructor(options: SessionOptions) {
    this.options = options;
  }

  get state(): SessionState {
    return this.current;
  }

  /** Logs in, serves, waits, and begins again, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.options;
    let delays = backoff(random, this.options.backoff);
    try {
      while (!signal.aborted) {
        let openedAtMs: number | null = null;
        const error = await this.attempt(signal, () => {
          openedAtMs = clock.monoMs();
        });
        if (signal.aborted || error === null) break;
        if (openedAtMs !== null && clock.monoMs() - openedAtMs >= this.options.stableMs) {
          delays = backoff(random, this.options.backoff);
        }
        const delayMs = REFUSALS.includes(error.code) ? this.longDelayMs() : delays.next().value;
        this.move('backoff');
        this.options.onFailure(error, delayMs);
        await sleep(clock, delayMs, signal).catch(() => {});
      }
    } finally {
      if (this.current !== 'idle') {
        this.move('closing');
        this.move('idle');
      }
    }
  }

  /** One login and the session after it; resolves to why that ended, null when it was stopped. */
  private async attempt(signal: AbortSignal, onOpen: () => void): Promise<AirherdError | null> {
    try {
      const loggedIn = await this.loginFollowingRedirect(signal);
      this.move('open');
      onOpen();
      return await this.options.serve(loggedIn, signal);
    } catch (error) {
      if (error instanceof AirherdError) return error;
      if (signal.aborted) return null;
      // A mistake of ours must not end the device: it is reported, and tried again later.
      const detail = error instanceof Error ? error.message : String(error);
      return new AirherdError('internal', { detail }, { cause: error });
    }
  }

  private async loginFollowingRedirect(signal: AbortSignal): Promise<LoggedIn> {
    const { serial } = this.options;
    const address = this.firstAddress();
    const first = await this.options.login(address, (step) => this.move(step), signal);
    if (first.welcome.redirect === undefined) return this.settled(address, first);
    await first.link.close();
    const elsewhere = redirectAddress(first.welcome.redirect, serial);
    const second = await this.options.login(elsewhere, (step) => this.move(step), signal);
    if (second.welcome.redirect === undefined) return this.settled(elsewhere, second);
    await second.link.close();
    throw new AirherdError('login-refused', { serial, detail: 'it redirects more than once' });
  }

  private firstAddress(): CloudAddress {
    const { address, home } = this.options;
    if (!home?.isRedirected || this.homeFailed) {
      this.homeFailed = false;
      return address;
    }
    // Until it succeeds: whatever goes wrong there, the configured cloud is asked next.
    this.homeFailed = true;
    return home.address;
  }

  private async settled(address: CloudAddress, loggedIn: LoggedIn): Promise<LoggedIn> {
    this.homeFailed = false;
    if (this.options.home?.settle(address)) await this.options.onMoved?.();
    return loggedIn;
  }

  private longDelayMs(): number {
    const { maxMs } = this.options.backoff;
    return Math.round(maxMs / 2 + (this.options.random.float() * maxMs) / 2);
  }

  private move(to: SessionState): void {
    const from = this.current;
    const allowed: readonly string[] = TRANSITIONS[from];
    if (!allowed.includes(to)) throw new Error(`session cannot go from ${from} to ${to}`);
    this.current = to;
    this.options.onState(to, from);
  }
}
