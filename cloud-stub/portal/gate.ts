import fastify, { type FastifyInstance } from 'fastify';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Stores } from '../store/stores.ts';
import { Guests } from './guests.ts';
import { addressOf, BODY_BYTES, limited, REQUEST_MS } from './http.ts';
import { probeFor } from './probes.ts';
import type { GuestWhereabouts } from './whereabouts.ts';

export interface GateOptions {
  stores: Stores;
  clock: Clock;
  whereabouts: GuestWhereabouts;
  /** Of the portal: `https://host:port`. */
  portalUrl: () => string;
}

/**
 * The gate: a network sends it all HTTP of those who have no access. Questions of phones get a redirect to the
 * portal, and the answer of the open Internet once there is access.
 */
export async function buildGate({
  stores,
  clock,
  whereabouts,
  portalUrl,
}: GateOptions): Promise<FastifyInstance> {
  const app: FastifyInstance = fastify({
    logger: false,
    bodyLimit: BODY_BYTES,
    requestTimeout: REQUEST_MS,
    connectionTimeout: REQUEST_MS,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    http: { maxHeaderSize: 16 * 1024, headersTimeout: REQUEST_MS, connectionsCheckingInterval: 1000 },
  });
  app.server.maxConnections = 1024;
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', async (_request, reply) => {
    void reply.headers({
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    });
  });
  await limited(app);
  app.setErrorHandler((_error, _request, reply) => reply.code(400).type('text/plain').send('refused\n'));
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request, reply) => {
    const nowMs = clock.wallMs();
    const { portal, device } = whereabouts.at(addressOf(request), nowMs);
    if (!portal) return reply.code(404).type('text/plain').send('no portal here\n');
    const guests = new Guests(stores.of(portal.orgId), portal);
    if (guests.remainingMs(device, nowMs) > 0) {
      const probe = probeFor(request.url.split('?')[0]);
      if (!probe) return reply.type('text/plain').send('connected\n');
      return reply.code(probe.status).type(probe.type).send(probe.body);
    }
    // Not 511: phones follow a redirect, and older ones know nothing else.
    return reply.code(302).header('Location', `${portalUrl()}/guest/${portal.siteId}`).send();
  });
  return app;
}
