import type { Clock } from '../../platform/ports/clock.ts';
import type { Random } from '../../platform/ports/random.ts';
import type { Registry } from '../registry/registry.ts';
import type { ApiToken } from '../registry/tokens.ts';
import type { User } from '../registry/users.ts';
import type { Identity } from './identity.ts';
import { SignIn } from './sign-in.ts';
import { WebSessions } from './web-sessions.ts';

export interface Presented {
  token: string | null;
  cookie: string | null;
  address: string;
}

/** From what a request presents to who makes it. */
export class People {
  readonly signIn: SignIn;
  readonly sessions: WebSessions;
  readonly randomBytes: (length: number) => Buffer;
  readonly #registry: Registry;

  constructor({ registry, clock, random }: { registry: Registry; clock: Clock; random: Random }) {
    this.#registry = registry;
    this.signIn = new SignIn({ users: registry.users, clock, random });
    this.randomBytes = (length) => random.bytes(length);
    this.sessions = new WebSessions(clock, random);
  }

  /** Roles are looked up at each request: one that was taken away is gone at once. */
  identify({ token, cookie, address }: Presented): Identity | null {
    if (token !== null) return this.#byToken(token, address);
    return cookie === null ? null : this.#byCookie(cookie);
  }

  #byToken(key: string, address: string): Identity | null {
    const token = this.#registry.tokens.find(key, address);
    if (!token) return null;
    if (token.userId === null) return ofToken(token);
    const user = this.#registry.users.find(token.userId);
    return user && ofUser(user, null);
  }

  #byCookie(cookie: string): Identity | null {
    const session = this.sessions.find(cookie);
    const user = session && this.#registry.users.find(session.userId);
    if (!user || user.passwordChangedMs !== session.passwordChangedMs) return null;
    return ofUser(user, { csrf: session.csrf });
  }
}

export const ofUser = (user: User, session: Identity['session']): Identity => ({
  id: user.id,
  kind: user.kind,
  name: user.name,
  email: user.email,
  privileges: user.privileges,
  session,
});

const ofToken = ({ id, name, orgId, privileges }: ApiToken): Identity => ({
  id: `token:${id}`,
  kind: orgId === null ? 'operator' : 'token',
  name,
  email: null,
  privileges,
  session: null,
});
