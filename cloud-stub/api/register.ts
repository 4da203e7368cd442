import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../../platform/ports/clock.ts';
import { AirherdError } from '../../protocol/errors.ts';
import type { Outcome, Subject } from '../audit/entry.ts';
import type { Identity } from '../people/identity.ts';
import type { People } from '../people/people.ts';
import { PERMISSIONS } from '../people/roles.ts';
import { logsOf, record } from './audit.ts';
import type { ApiCloud } from './context.ts';
import { checkMay, checkMeant, targetOf, unauthenticated } from './guard.ts';
import type { CallBasics, Input, Route, Target } from './route.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null for nobody that is known here. */
    who: Identity | null;
    target: Target | null;
  }
  interface FastifyContextConfig {
    /** The rule that a route was registered with. */
    rule?: Route;
  }
}

export interface RegisterOptions {
  cloud: ApiCloud;
  people: People;
  clock: Clock;
}

/** Who signs in is nobody yet. */
const NOBODY: Identity = {
  id: 'nobody',
  kind: 'person',
  name: '',
  email: null,
  privileges: [],
  session: null,
};

/** A route that is not of the table, or whose permission there is not, does not start. */
export function refuseWithoutRule(app: FastifyInstance): void {
  app.addHook('onRoute', ({ method, url, config }) => {
    const rule = config?.rule;
    if (!rule || !PERMISSIONS.includes(rule.may)) {
      throw new TypeError(
        `${method} ${url} has no rule: put it into cloud-stub/api/table.ts (docs/cloud.md)`,
      );
    }
  });
}

export function register(app: FastifyInstance, routes: readonly Route[], options: RegisterOptions): void {
  for (const route of routes) {
    app.route({
      method: route.method,
      url: route.path,
      config: { rule: route },
      // Before the body is read: who may not is not to make us parse anything.
      preParsing: async (request) => {
        request.target = admit(route, request, options);
      },
      handler: (request, reply) => answer(route, { request, reply }, options),
    });
  }
}

function admit(route: Route, request: FastifyRequest, { cloud, clock }: RegisterOptions): Target | null {
  if (route.may === 'anyone') return null;
  const { who } = request;
  if (!who) throw unauthenticated();
  checkMeant(who, route.method, request.headers['x-csrftoken']);
  const target = targetOf(cloud.registry, request.params as Record<string, string>);
  try {
    checkMay(who, route, target, clock.wallMs());
  } catch (refusal) {
    const isOwn =
      target.org &&
      who.privileges.some((privilege) => 'orgId' in privilege && privilege.orgId === target.org?.id);
    if (isOwn && target.org) {
      const entry = {
        orgIds: [target.org.id],
        action: `${route.method} ${route.path}`,
        outcome: 'refused',
        siteId: target.site?.id,
        detail: {},
      } as const;
      record(cloud, who, request.ip, entry, clock.wallMs());
    }
    throw refusal;
  }
  return target;
}

async function answer(
  route: Route,
  { request, reply }: Pick<CallBasics, 'request' | 'reply'>,
  { cloud, people, clock }: RegisterOptions,
): Promise<unknown> {
  const who = request.who ?? NOBODY;
  const target = request.target ?? { org: null, site: null, device: null };
  const nowMs = clock.wallMs();
  const input: Input = {
    params: request.params as Record<string, string>,
    ...route.parse({ query: request.query, body: request.body }),
  };
  let change: { before?: unknown; after?: unknown } = {};
  let whom: Subject | undefined;
  const log = (outcome: Outcome) => {
    const { subject, detail } = route.describe(input);
    const entry = {
      orgIds: target.org ? [target.org.id] : logsOf(who),
      action: `${route.method} ${route.path}`,
      outcome,
      siteId: target.site?.id ?? target.device?.siteId,
      subject: whom ?? subject,
      detail: { ...detail, ...change },
    } as const;
    record(cloud, who, request.ip, entry, nowMs);
  };
  const isRead = route.method === 'GET';
  const isLogged = isRead ? route.personal || who.kind === 'support' : !route.ownAudit;
  // No access and no change without its record: it is on the disk before anything is looked up or done.
  if (isLogged) {
    cloud.stores.needRoom();
    log(isRead ? 'done' : 'begun');
  }
  const basics: CallBasics = {
    cloud,
    people,
    who,
    address: request.ip,
    nowMs,
    request,
    reply,
    changed: (before, after) => {
      change = { before, after };
    },
    about: (subject) => {
      whom = subject;
    },
  };
  if (isRead || !isLogged) return route.run(basics, target, input);
  try {
    const answered = await route.run(basics, target, input);
    log('done');
    return answered;
  } catch (error) {
    if (!(error instanceof AirherdError && error.code === 'store-full')) log('failed');
    throw error;
  }
}
