import type { Clock } from '../../platform/ports/clock.ts';
import type { Random } from '../../platform/ports/random.ts';
import type { User, Users } from '../registry/users.ts';
import { type Passwords, passwords } from './passwords.ts';
import { Throttle } from './throttle.ts';
import { verifyTotp } from './totp.ts';

const FAILURES_OF_ACCOUNT = 5;
const FAILURES_OF_ADDRESS = 50;

export interface Credentials {
  email: string;
  password: string;
  twoFactor?: string;
  address: string;
}

export type SignInResult =
  | { ok: true; user: User }
  /** The password is right; the code is missing. */
  | { ok: false; why: 'two-factor'; user: User }
  | { ok: false; why: 'wrong'; user: User | null }
  | { ok: false; why: 'throttled'; waitMs: number };

/**
 * Sign-in with password and, where it is on, a code. An address that nobody has costs the same work, is
 * throttled the same way, and gets the same answer as one that somebody has.
 */
export class SignIn {
  readonly passwords: Passwords;
  readonly #users: Users;
  readonly #clock: Clock;
  readonly #accounts: Throttle;
  readonly #addresses: Throttle;

  constructor({ users, clock, random }: { users: Users; clock: Clock; random: Random }) {
    this.passwords = passwords(random);
    this.#users = users;
    this.#clock = clock;
    this.#accounts = new Throttle(clock, FAILURES_OF_ACCOUNT);
    this.#addresses = new Throttle(clock, FAILURES_OF_ADDRESS);
  }

  async attempt({ email, password, twoFactor, address }: Credentials): Promise<SignInResult> {
    const account = this.#users.emailIndex(email).toString('hex');
    const waitMs = Math.max(this.#accounts.waitMs(account), this.#addresses.waitMs(address));
    if (waitMs > 0) return { ok: false, why: 'throttled', waitMs };
    // Counted before the work is done: attempts that come at once are attempts too.
    this.#accounts.failed(account);
    this.#addresses.failed(address);
    const user = this.#users.findByEmail(email);
    const right = await this.passwords.verify(password, user && this.#users.passwordHash(user.id));
    if (!user || !right) return { ok: false, why: 'wrong', user };
    if (user.hasTwoFactor) {
      if (twoFactor === undefined) return { ok: false, why: 'two-factor', user };
      if (!this.#takeCode(user.id, twoFactor)) return { ok: false, why: 'wrong', user };
    }
    this.#accounts.succeeded(account);
    return { ok: true, user };
  }

  /** The password of somebody who is signed in, asked for again: a session that was stolen guesses no faster. */
  async confirm({ id, email }: User, password: string): Promise<SignInResult['ok'] | { waitMs: number }> {
    const account = this.#users.emailIndex(email).toString('hex');
    const waitMs = this.#accounts.waitMs(account);
    if (waitMs > 0) return { waitMs };
    this.#accounts.failed(account);
    const right = await this.passwords.verify(password, this.#users.passwordHash(id));
    if (right) this.#accounts.succeeded(account);
    return right;
  }

  /** A code is good once. */
  #takeCode(userId: string, code: string): boolean {
    const known = this.#users.twoFactor(userId);
    const step = known && verifyTotp(known.secret, code, this.#clock.wallMs(), known.usedStep);
    if (!known || step === null) return false;
    this.#users.setTwoFactor(userId, { ...known, usedStep: step });
    return true;
  }
}
