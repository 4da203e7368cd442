import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Random } from '../../platform/ports/random.ts';
import type { ApiLimits } from '../configuration.ts';
import { hardenedHttps, listenOn } from '../https.ts';
import { People } from '../people/people.ts';
import { takeJsonOnly } from './body.ts';
import type { ApiCloud } from './context.ts';
import { ApiFailure, answerFailures } from './failure.ts';
import { presentedBy, unauthenticated } from './guard.ts';
import { refuseWithoutRule, register } from './register.ts';
import type { Route } from './route.ts';
import { ROUTES } from './table.ts';

const MOST_PARAM_LENGTH = 64;
/** As helmet sets them where it is asked. */
const HEADERS_WITHOUT_HOOKS = {
  'Content-Type': 'application/json; charset=utf-8',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none';frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

export interface ApiOptions {
  host: string;
  /** 0 takes a free port. */
  port: number;
  credentials: { certificatePem: string; privateKeyPem: string };
  clock: Clock;
  random: Random;
  log: Logger;
  cloud: ApiCloud;
  limits: ApiLimits;
}

export interface Api {
  readonly port: number;
  close(): Promise<void>;
}

/** The API as it is served, before it listens. `routes`: for tests of what the table must not hold. */
export async function buildApi(
  options: Omit<ApiOptions, 'host' | 'port'>,
  routes: readonly Route[] = ROUTES,
): Promise<FastifyInstance> {
  const { credentials, clock, random, cloud, limits } = options;
  const people = new People({ registry: cloud.registry, clock, random });
  const app: FastifyInstance = fastify({
    // Its requests carry tokens and personal data in URLs: only failures are logged.
    logger: false,
    https: hardenedHttps(credentials, limits),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: limits.requestTimeoutMs,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: MOST_PARAM_LENGTH },
    // No hook runs for an address that the router does not take: its headers are set here.
    frameworkErrors: (_error, _request, reply) => {
      reply.hijack();
      reply.raw.writeHead(404, HEADERS_WITHOUT_HOOKS).end(JSON.stringify({ detail: 'no such route' }));
    },
  });
  app.server.maxConnections = limits.connections;
  answerFailures(app, options.log);
  takeJsonOnly(app, limits.bodyDepth);
  refuseWithoutRule(app);
  app.decorateRequest('who', null);
  app.decorateRequest('target', null);
  app.addHook('onRequest', async (request) => {
    request.who = people.identify(presentedBy(request));
  });
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  });
  app.addHook('onRequest', async (_request, reply) => {
    void reply.header('Cache-Control', 'no-store');
  });
  await app.register(rateLimit, {
    max: limits.requestsPerHour,
    timeWindow: 3_600_000,
    // By who asks, once that is known: tokens that were made up all count for their address.
    keyGenerator: (request) => request.who?.id ?? request.ip,
    errorResponseBuilder: () => new ApiFailure(429, 'too many requests'),
  });
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, async (request) => {
    if (!request.who) throw unauthenticated();
    throw new ApiFailure(404, 'no such route');
  });
  register(app, routes, { cloud, people, clock });
  return app;
}

export async function startApi(options: ApiOptions): Promise<Api> {
  const { host, port } = options;
  const app = await buildApi(options);
  const bound = await listenOn(app, host, port, '--api-port');
  return {
    port: bound,
    close: () => app.close(),
  };
}
