import { Readable } from 'node:stream';
import { z } from 'zod';
import { UP_STREAMS } from '../../protocol/topics.ts';
import { csv, ndjson, pcapng, selected } from '../privacy/download.ts';
import { noticePage } from '../privacy/notice.ts';
import { type Route, route } from './route.ts';
import { hasPortal } from './routes-privacy.ts';
import { plain } from './shapes.ts';

const time = z.coerce.number().int().min(0).optional();
const selection = z.strictObject({
  stream: z.enum(UP_STREAMS).optional(),
  serial: z.string().max(32).optional(),
  siteId: z.string().max(36).optional(),
  /** Received from, and before; Unix milliseconds. */
  fromMs: time,
  toMs: time,
});
const attachment = (name: string): string => `attachment; filename="${name}"`;
const base = '/api/airherd/v1/orgs/:orgId';

/** Portability: an organisation's data as files, streamed; and the notice of processing. */
export const downloadRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: `${base}/download/messages.ndjson`,
    may: 'packet.read',
    personal: true,
    query: selection,
    handle: ({ cloud, org, query, reply }) =>
      reply
        .type('application/x-ndjson')
        .header('Content-Disposition', attachment('messages.ndjson'))
        .send(Readable.from(ndjson(selected(cloud.stores.of(org.id), query), plain))),
  }),
  route({
    method: 'GET',
    path: `${base}/download/hosts.csv`,
    may: 'client.read',
    personal: true,
    query: selection,
    handle: ({ cloud, org, query, reply }) =>
      reply
        .type('text/csv; charset=utf-8; header=present')
        .header('Content-Disposition', attachment('hosts.csv'))
        .send(Readable.from(csv(selected(cloud.stores.of(org.id), query), plain))),
  }),
  route({
    method: 'GET',
    path: `${base}/download/packets.pcapng`,
    may: 'packet.read',
    personal: true,
    query: selection.omit({ stream: true }),
    handle: ({ cloud, org, query, reply }) =>
      reply
        .type('application/x-pcapng')
        .header('Content-Disposition', attachment('packets.pcapng'))
        .send(Readable.from(pcapng(selected(cloud.stores.of(org.id), { ...query, stream: 'pcap' })))),
  }),
  route({
    method: 'GET',
    path: `${base}/notice`,
    may: 'privacy.read',
    personal: false,
    handle: ({ cloud, org, nowMs, reply }) =>
      reply.type('text/html; charset=utf-8').send(
        noticePage({
          organisation: org.name,
          classes: org.privacyClasses,
          settings: cloud.registry.privacy.of(org.id),
          hasPortal: hasPortal(cloud, org.id),
          nowMs,
        }),
      ),
  }),
];
