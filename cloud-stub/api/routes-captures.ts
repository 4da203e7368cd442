import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PCAP_TRIGGERS } from '../../protocol/messages/pcap.ts';
import type { Subject } from '../audit/entry.ts';
import { wantedSection } from '../captures/live.ts';
import { startCapture, stopCapture } from '../captures/manual.ts';
import { captureSections, partsSince } from '../captures/stored.ts';
import type { CaptureSummary } from '../ingest/project.ts';
import { ApiFailure, notFound } from './failure.ts';
import { hexMac } from './mac-query.ts';
import { paged, pageQuery, window } from './paging.ts';
import { type Route, route } from './route.ts';
import { macText, plain } from './shapes.ts';

const PCAPNG = 'application/x-pcapng';
const KEEP_ALIVE_MS = 30_000;

const listQuery = pageQuery.extend({ serial: z.string().max(32).optional(), mac: hexMac.optional() });
const liveQuery = z.strictObject({
  client: hexMac.optional(),
  serial: z.string().max(32).optional(),
  trigger: z.enum(PCAP_TRIGGERS).optional(),
  /** Also what was captured since, Unix milliseconds. */
  from: z.coerce.number().int().min(0).optional(),
});
const startBody = z
  .strictObject({
    serial: z.string().max(32).optional(),
    client: hexMac.optional(),
    interface: z.string().min(1).max(255).optional(),
    packets: z.number().int().min(1).max(1_000_000).default(10_000),
    bytes: z
      .number()
      .int()
      .min(1)
      .max(256 * 1024 * 1024)
      .default(16 * 1024 * 1024),
    durationMs: z.number().int().min(1).max(3_600_000).default(600_000),
    filter: z.string().max(1024).optional(),
    consentId: z.string().min(1).max(64).optional(),
  })
  .refine(({ serial, client }) => serial !== undefined || client !== undefined, 'serial or client is needed');

const ofClient = (client: Uint8Array | undefined): Subject | undefined =>
  client && { kind: 'mac', value: macText(client) };

/** Captures: download, live, started and stopped by hand. */
export const captureRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/airherd/v1/orgs/:orgId/captures',
    may: 'packet.read',
    personal: true,
    query: listQuery,
    subject: ({ query }) => ofClient(query.mac),
    handle({ cloud, org, query, reply }) {
      const { state } = cloud.stores.of(org.id);
      const filter = { serial: query.serial, mac: query.mac };
      const found = state
        .list<CaptureSummary>('capture', { ...filter, ...window(query) })
        .map(({ value, serial, seenMs }) => ({ ...(plain(value) as object), serial, seenMs }));
      return paged(reply, query, state.count('capture', filter), found);
    },
  }),
  route({
    method: 'GET',
    path: '/api/airherd/v1/orgs/:orgId/captures/:serial/:captureId.pcapng',
    may: 'packet.read',
    personal: true,
    handle({ cloud, org, device, params, reply }) {
      const store = cloud.stores.of(org.id);
      const captureId = captureIdOf(params.captureId);
      if (!store.state.get<CaptureSummary>('capture', [device.serial, captureId])) throw notFound('capture');
      return reply
        .type(PCAPNG)
        .header('Content-Disposition', `attachment; filename="${captureId.toString('hex')}.pcapng"`)
        .send(Readable.from(captureSections(store, device.serial, captureId)));
    },
  }),
  route({
    method: 'GET',
    path: '/api/airherd/v1/orgs/:orgId/captures/live.pcapng',
    may: 'packet.read',
    personal: true,
    query: liveQuery,
    subject: ({ query }) => ofClient(query.client),
    handle({ cloud, org, query: { from, ...query }, request, reply }) {
      const { live, stores } = cloud;
      const wanted = { orgId: org.id, ...query };
      const reader = live.open(wanted);
      if (!reader) throw new ApiFailure(503, 'too many read captures live');
      // Both in one turn: a part is either among these or comes by `live`, and never both.
      const earlier = from === undefined ? [] : partsSince(stores.of(org.id), wanted, from);
      keepOpen(request, reply, () => live.close(reader));
      const sections = reader.sections(
        (function* () {
          for (const message of earlier) {
            const section = wantedSection(wanted, message);
            if (section) yield section;
          }
        })(),
      );
      return reply.type(PCAPNG).send(Readable.from(sections));
    },
  }),
  route({
    method: 'POST',
    path: '/api/airherd/v1/orgs/:orgId/captures',
    may: 'packet.capture',
    personal: false,
    body: startBody,
    async handle({ cloud, org, body, nowMs, changed }) {
      const started = await startCapture(cloud, org.id, body, nowMs);
      changed(null, { ...body, ...started });
      return plain(started);
    },
  }),
  route({
    method: 'POST',
    path: '/api/airherd/v1/orgs/:orgId/captures/:serial/:captureId/stop',
    may: 'packet.capture',
    personal: false,
    handle: async ({ cloud, org, device, params }) =>
      plain(await stopCapture(cloud, org.id, device.serial, captureIdOf(params.captureId))),
  }),
];

function captureIdOf(text: string): Buffer {
  if (!/^[0-9a-f]{2,64}$/i.test(text)) throw notFound('capture');
  return Buffer.from(text, 'hex');
}

/** An answer that lasts: silence is no failure, but a reader that is gone without a word is noticed. */
function keepOpen({ raw }: FastifyRequest, reply: FastifyReply, closed: () => void): void {
  raw.socket.setTimeout(0);
  raw.socket.setKeepAlive(true, KEEP_ALIVE_MS);
  reply.raw.once('close', closed);
}
