import { createHmac, timingSafeEqual } from 'node:crypto';
import helmet from '@fastify/helmet';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Random } from '../../platform/ports/random.ts';
import { hardenedHttps, listenOn } from '../https.ts';
import type { EraseOptions } from '../privacy/erase.ts';
import { readAnswers } from './answers.ts';
import { eraseGuest } from './erase-guest.ts';
import { buildGate } from './gate.ts';
import { type GuestDevice, Guests } from './guests.ts';
import { addressOf, BODY_BYTES, limited, REQUEST_MS } from './http.ts';
import {
  declinedPage,
  erasedPage,
  nowherePage,
  type PageContext,
  refusedPage,
  statusPage,
  welcomePage,
} from './page.ts';
import type { Portal } from './portals.ts';
import { PORTAL_LANGUAGES, type PortalLanguage } from './settings.ts';
import { styleSheet } from './style.ts';
import { GuestWhereabouts } from './whereabouts.ts';
import { WORDS } from './words.ts';

const LIMITS = { requestTimeoutMs: REQUEST_MS, headersTimeoutMs: REQUEST_MS, headerBytes: 16 * 1024 };
const COOKIE = '__Host-guest';
/** RFC 8908 clause 4.1. */
const CAPTIVE_JSON = 'application/captive+json';

export interface PortalOptions extends EraseOptions {
  host: string;
  /** Of the page and of RFC 8908; 0 takes a free port. */
  port: number;
  /** Of the gate, to which a network sends the HTTP of those who have no access; 0 takes a free port. */
  gatePort: number;
  /** Name by which guests reach it. */
  publicHost: string;
  credentials: { certificatePem: string; privateKeyPem: string };
  random: Random;
  clock: Clock;
  log: Logger;
}

export interface GuestPortal {
  readonly port: number;
  readonly gatePort: number;
  /** `https://host:port`. */
  readonly url: string;
  close(): Promise<void>;
}

/** The portal's page and API over TLS, and its gate, which speaks HTTP because the questions of phones do. */
export async function startPortal(options: PortalOptions): Promise<GuestPortal> {
  const { host, port, gatePort, publicHost, registry, stores, clock } = options;
  const whereabouts = new GuestWhereabouts(registry.portals, stores);
  let url = '';
  const page = await buildPage(options, whereabouts, () => url);
  const gate = await buildGate({ stores, clock, whereabouts, portalUrl: () => url });
  const close = async () => {
    await Promise.all([page.close(), gate.close()]);
  };
  try {
    const bound = await listenOn(page, host, port, '--portal-port');
    url = `https://${publicHost}:${bound}`;
    const gateBound = await listenOn(gate, host, gatePort, '--gate-port');
    return { port: bound, gatePort: gateBound, url, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const isLanguage = (text: string): text is PortalLanguage => PORTAL_LANGUAGES.some((one) => one === text);

/** Of the languages that the customer wrote: the one asked for, else the browser's, else the default. */
function languageOf(request: FastifyRequest, portal: Portal, asked: string | null): PortalLanguage {
  const has = (one: string): one is PortalLanguage => isLanguage(one) && portal.texts[one] !== undefined;
  if (asked !== null && has(asked)) return asked;
  const accepted = (request.headers['accept-language'] ?? '')
    .slice(0, 200)
    .split(',')
    .map((part) => {
      const [tag, ...parameters] = part.trim().toLowerCase().split(';');
      const q = parameters.map((one) => /^\s*q=([\d.]+)$/.exec(one)?.[1]).find((one) => one !== undefined);
      return { tag: tag.split('-')[0], q: Number(q ?? 1) };
    })
    .sort((a, b) => b.q - a.q);
  return accepted.map(({ tag }) => tag).find(has) ?? portal.defaultLanguage;
}

interface Visit {
  portal: Portal;
  device: GuestDevice;
  guests: Guests;
}

interface Answering {
  form: URLSearchParams;
  context: PageContext;
  reply: FastifyReply;
  nowMs: number;
}

async function buildPage(
  options: PortalOptions,
  whereabouts: GuestWhereabouts,
  urlOf: () => string,
): Promise<FastifyInstance> {
  const { credentials, registry, stores, clock, random, log } = options;
  const secret = random.bytes(32);
  const app: FastifyInstance = fastify({
    logger: false,
    https: hardenedHttps(credentials, LIMITS),
    bodyLimit: BODY_BYTES,
    requestTimeout: REQUEST_MS,
    connectionTimeout: REQUEST_MS,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 64 },
  });
  app.server.maxConnections = 1024;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, new URLSearchParams(String(body))),
  );
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  });
  app.addHook('onRequest', async (_request, reply) => {
    void reply.header('Cache-Control', 'no-store');
  });
  await limited(app);
  app.setErrorHandler((error, _request, reply) => {
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    if (status >= 500) log.error({ err: error }, 'the portal failed');
    return reply
      .code(status)
      .type('text/plain; charset=utf-8')
      .send(status >= 500 ? 'failed\n' : 'refused\n');
  });
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (_request, reply) =>
    html(reply, nowherePage('en'), 404),
  );

  /** The portal of the path and the device that asks; null when there is none there. */
  const visit = (request: FastifyRequest): Visit | null => {
    const { siteId } = request.params as { siteId: string };
    const site = registry.organisations.site(siteId);
    const portal = site && registry.portals.of(site);
    if (!portal?.enabled) return null;
    const { device } = whereabouts.at(addressOf(request), clock.wallMs());
    return { portal, device, guests: new Guests(stores.of(portal.orgId), portal) };
  };
  const cookieOf = (request: FastifyRequest): string | null =>
    /(?:^|;\s*)__Host-guest=([A-Za-z0-9_-]{22})(?:;|$)/.exec(request.headers.cookie ?? '')?.[1] ?? null;
  const tokenOf = (cookie: string, siteId: string): string =>
    createHmac('sha256', secret).update(`${cookie} ${siteId}`).digest('base64url');
  const contextOf = (
    request: FastifyRequest,
    reply: FastifyReply,
    portal: Portal,
    asked: string | null,
  ): PageContext => {
    let cookie = cookieOf(request);
    if (cookie === null) {
      cookie = random.bytes(16).toString('base64url');
      void reply.header('Set-Cookie', `${COOKIE}=${cookie}; Path=/; Secure; HttpOnly; SameSite=Lax`);
    }
    return { portal, language: languageOf(request, portal, asked), token: tokenOf(cookie, portal.siteId) };
  };
  /** Whether the form is one that this browser was given here. */
  const isOwnForm = (request: FastifyRequest, form: URLSearchParams, siteId: string): boolean => {
    const cookie = cookieOf(request);
    const given = Buffer.from(form.get('token') ?? '');
    const wanted = Buffer.from(cookie === null ? '' : tokenOf(cookie, siteId));
    return wanted.length > 0 && given.length === wanted.length && timingSafeEqual(given, wanted);
  };

  app.get('/guest/:siteId', (request, reply) => {
    const found = visit(request);
    if (!found) return html(reply, nowherePage('en'), 404);
    const { portal, device, guests } = found;
    const query = new URLSearchParams(request.url.split('?')[1] ?? '');
    const context = contextOf(request, reply, portal, query.get('lang'));
    const guest = guests.find(device);
    const hasAccess = guest !== null && guest.expiresMs > clock.wallMs();
    return html(reply, hasAccess ? statusPage(context, guest) : welcomePage(context));
  });
  app.get('/guest/:siteId/style.css', (request, reply) => {
    const found = visit(request);
    if (!found) return reply.code(404).send();
    return reply.type('text/css; charset=utf-8').send(styleSheet(found.portal.accent));
  });

  const post = (action: string, act: (visit: Visit & Answering) => unknown) =>
    app.post(`/guest/:siteId/${action}`, (request, reply) => {
      const found = visit(request);
      if (!found) return html(reply, nowherePage('en'), 404);
      const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
      const context = contextOf(request, reply, found.portal, form.get('lang'));
      if (!isOwnForm(request, form, found.portal.siteId)) {
        const words = WORDS[context.language];
        const { answers } = readAnswers(form, found.portal.fields, words);
        return html(reply, welcomePage(context, answers, [{ field: '', text: words.stale }]), 403);
      }
      return act({ ...found, form, context, reply, nowMs: clock.wallMs() });
    });
  const home = (reply: FastifyReply, { portal, language }: PageContext) =>
    reply.code(303).header('Location', `/guest/${portal.siteId}?lang=${language}`).send();

  post('accept', ({ form, context, portal, device, guests, reply, nowMs }) => {
    const { answers, problems } = readAnswers(form, portal.fields, WORDS[context.language]);
    if (problems.length > 0) return html(reply, welcomePage(context, answers, problems), 422);
    const admission = stores.write(() => guests.admit(device, answers, context.language, nowMs));
    if (!admission.ok) return html(reply, refusedPage(context, admission.why, admission.againMs), 403);
    return home(reply, context);
  });
  post('decline', ({ context, reply }) => html(reply, declinedPage(context)));
  post('extend', ({ context, device, guests, reply, nowMs }) => {
    const admission = stores.write(() => guests.extend(device, nowMs));
    if (!admission.ok) return html(reply, refusedPage(context, admission.why, admission.againMs), 403);
    return home(reply, context);
  });
  post('sign-out', ({ context, device, guests, reply, nowMs }) => {
    stores.write(() => guests.end(device, nowMs));
    return home(reply, context);
  });
  post('erase', async ({ context, portal, device, guests, reply, nowMs }) => {
    const removed = await eraseGuest(options, portal, device, guests, nowMs);
    return html(reply, erasedPage(context, removed));
  });

  app.get('/captive/:siteId', (request, reply) => {
    const found = visit(request);
    if (!found) return reply.code(404).type('text/plain').send('no portal here\n');
    const { portal, device, guests } = found;
    const remainingMs = guests.remainingMs(device, clock.wallMs());
    // RFC 8908 clause 5; what has no meaning while captive is left out.
    const answer = {
      captive: remainingMs === 0,
      'user-portal-url': `${urlOf()}/guest/${portal.siteId}`,
      ...(portal.venuePage !== null && { 'venue-info-url': portal.venuePage }),
      ...(remainingMs > 0 && { 'seconds-remaining': Math.floor(remainingMs / 1000) }),
      'can-extend-session': portal.canExtend,
    };
    return reply
      .header('Cache-Control', 'private, no-store')
      .type(CAPTIVE_JSON)
      .send(Buffer.from(JSON.stringify(answer)));
  });
  return app;
}

const html = (reply: FastifyReply, page: string, status = 200) =>
  reply.code(status).type('text/html; charset=utf-8').send(page);
