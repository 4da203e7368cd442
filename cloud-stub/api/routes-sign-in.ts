import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { organisationsOf } from '../people/identity.ts';
import { ofUser } from '../people/people.ts';
import { base32, verifyTotp } from '../people/totp.ts';
import type { User } from '../registry/users.ts';
import { CLOUD_LOG, logsOf, record } from './audit.ts';
import type { ApiCloud } from './context.ts';
import { ApiFailure } from './failure.ts';
import { CSRF_COOKIE, cookieOf, SESSION_COOKIE } from './guard.ts';
import { type Call, type CallBasics, type Route, route } from './route.ts';
import { selfShape } from './shapes-people.ts';

const loginBody = z.strictObject({
  email: z.string().min(1).max(254),
  password: z.string().min(1).max(1024),
  two_factor: z.string().max(16).optional(),
});
export const newPassword = z.string().min(10).max(1024);
const passwordBody = z.strictObject({ current: z.string().max(1024), password: newPassword });
const codeBody = z.strictObject({ code: z.string().max(16) });

const SECRET_BYTES = 20;
const DEFAULT_MINUTES = 1440;

type LoginBody = z.output<typeof loginBody>;

/** As long as the strictest of the person's organisations has it. */
function minutesOf(cloud: ApiCloud, user: User): number {
  const minutes = organisationsOf(ofUser(user, null)).map(
    (id) => cloud.registry.organisations.find(id)?.sessionMinutes ?? DEFAULT_MINUTES,
  );
  return Math.min(DEFAULT_MINUTES, ...minutes);
}

/** `Strict`: no other site's page ever sends it. The script that changes something reads the second cookie. */
function setCookies(reply: FastifyReply, cookie: string, csrf: string, seconds: number): void {
  const rules = `Path=/; Secure; SameSite=Strict; Max-Age=${seconds}`;
  reply.header('Set-Cookie', [
    `${SESSION_COOKIE}=${cookie}; ${rules}; HttpOnly`,
    `${CSRF_COOKIE}=${csrf}; ${rules}`,
  ]);
}

/**
 * A sign-in that failed is one entry in the cloud's own log, whoever it was meant for. That the person's
 * organisations see it as well costs time, which must tell nothing: they see it once the answer is out.
 */
function recordFailure(call: Call<'/api/v1/login', unknown, LoginBody>, user: User | null): void {
  const { cloud, address, reply, body, nowMs } = call;
  const { email } = body;
  const entry = { action: 'sign-in', outcome: 'refused', subject: { kind: 'email', value: email } } as const;
  const nobody = { id: 'nobody', name: '', email: null };
  record(cloud, nobody, address, { ...entry, orgIds: [CLOUD_LOG], detail: { email } }, nowMs);
  const orgIds = user ? organisationsOf(ofUser(user, null)) : [];
  reply.raw.once('close', () => {
    try {
      record(cloud, nobody, address, { ...entry, orgIds, detail: { email } }, nowMs);
    } catch {
      // `Stores.write` has said that there is no room; the cloud's own log has the entry.
    }
  });
}

function throttled(reply: FastifyReply, waitMs: number): ApiFailure {
  reply.header('Retry-After', Math.ceil(waitMs / 1000));
  return new ApiFailure(429, 'too many attempts to sign in');
}

async function login(call: Call<'/api/v1/login', unknown, LoginBody>): Promise<object> {
  const { cloud, people, body, address, reply, nowMs } = call;
  const { email, password, two_factor: twoFactor } = body;
  const result = await people.signIn.attempt({ email, password, twoFactor, address });
  if (!result.ok && result.why === 'throttled') throw throttled(reply, result.waitMs);
  if (!result.ok && result.why === 'two-factor') {
    return { email: result.user.email, two_factor_required: true, two_factor_passed: false };
  }
  if (!result.ok) {
    recordFailure(call, result.user);
    throw new ApiFailure(401, 'e-mail address, password or code is wrong');
  }
  const { user } = result;
  const who = ofUser(user, null);
  record(cloud, who, address, { orgIds: logsOf(who), action: 'sign-in', outcome: 'done', detail: {} }, nowMs);
  const minutes = minutesOf(cloud, user);
  const { cookie, session } = people.sessions.begin(user, minutes);
  setCookies(reply, cookie, session.csrf, minutes * 60);
  return { email: user.email, two_factor_required: user.hasTwoFactor, two_factor_passed: user.hasTwoFactor };
}

/** Who is signed in by password. A token must not change what its owner signs in with. */
function signedIn({ cloud, who }: Pick<Call<string, unknown, unknown>, 'cloud' | 'who'>): User {
  const user = who.session && cloud.registry.users.find(who.id);
  if (!user) throw new ApiFailure(403, 'sign in with your password to do this');
  return user;
}

async function confirm({ people, reply }: CallBasics, user: User, password: string): Promise<void> {
  const answer = await people.signIn.confirm(user, password);
  if (typeof answer === 'object') throw throttled(reply, answer.waitMs);
  if (!answer) throw new ApiFailure(403, 'the current password is wrong');
}

/** Signing in and out, and what people set about themselves. */
export const signInRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/login',
    may: 'anyone',
    personal: false,
    ownAudit: true,
    body: loginBody,
    handle: login,
  }),
  route({
    method: 'POST',
    path: '/api/v1/logout',
    may: 'self',
    personal: false,
    handle({ people, request, reply }) {
      const cookie = cookieOf(request.headers.cookie, SESSION_COOKIE);
      if (cookie) people.sessions.end(cookie);
      setCookies(reply, '', '', 0);
      return { forward_url: '/' };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/self',
    may: 'self',
    personal: false,
    handle: ({ cloud, who, nowMs }) => selfShape(cloud.registry, who, nowMs),
  }),
  route({
    method: 'POST',
    path: '/api/airherd/v1/self/password',
    may: 'self',
    personal: false,
    body: passwordBody,
    async handle(call) {
      const { cloud, people, body } = call;
      const user = signedIn(call);
      const { users } = cloud.registry;
      await confirm(call, user, body.current);
      users.setPassword(user.id, await people.signIn.passwords.hash(body.password));
      people.sessions.endAllOf(user.id);
      return { email: user.email };
    },
  }),
  /** A secret for an authenticator: it counts once a code of it was given. */
  route({
    method: 'POST',
    path: '/api/airherd/v1/self/two-factor',
    may: 'self',
    personal: false,
    handle(call) {
      const user = signedIn(call);
      if (user.hasTwoFactor) throw new ApiFailure(409, 'two-factor sign-in is on already');
      const secret = call.people.randomBytes(SECRET_BYTES);
      call.cloud.registry.users.setTwoFactor(user.id, { secret, on: false, usedStep: 0 });
      const text = base32(secret);
      const label = encodeURIComponent(`airherd:${user.email}`);
      return { secret: text, uri: `otpauth://totp/${label}?secret=${text}&issuer=airherd` };
    },
  }),
  route({
    method: 'POST',
    path: '/api/airherd/v1/self/two-factor/verify',
    may: 'self',
    personal: false,
    body: codeBody,
    handle(call) {
      const user = signedIn(call);
      const { users } = call.cloud.registry;
      const known = users.twoFactor(user.id);
      const step = known && verifyTotp(known.secret, call.body.code, call.nowMs, known.usedStep);
      if (!known || step === null) throw new ApiFailure(400, 'the code is wrong');
      users.setTwoFactor(user.id, { ...known, on: true, usedStep: step });
      call.changed({ twoFactor: user.hasTwoFactor }, { twoFactor: true });
      return { two_factor: true };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/airherd/v1/self/two-factor',
    may: 'self',
    personal: false,
    body: passwordBody.pick({ current: true }),
    async handle(call) {
      const user = signedIn(call);
      const { users } = call.cloud.registry;
      await confirm(call, user, call.body.current);
      users.setTwoFactor(user.id, null);
      call.changed({ twoFactor: user.hasTwoFactor }, { twoFactor: false });
      return { two_factor: false };
    },
  }),
];
