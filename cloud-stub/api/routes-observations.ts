import { z } from 'zod';
import { unpackRssi } from '../../protocol/messages/rssi.ts';
import { UP_STREAMS } from '../../protocol/topics.ts';
import type { CaptureSummary } from '../ingest/project.ts';
import type { StateKind } from '../store/state.ts';
import { organisationOf, type Routes, siteOf } from './context.ts';
import { notFound } from './failure.ts';
import { paged, pageQuery, window } from './paging.ts';
import { macText, plain } from './shapes.ts';

const hexMac = z
  .string()
  .transform((text) => text.replaceAll(/[:-]/g, '').toLowerCase())
  .refine((text) => /^[0-9a-f]{12}$/.test(text), 'is not a MAC address')
  .transform((text) => Buffer.from(text, 'hex'));
const recordQuery = pageQuery.extend({ serial: z.string().max(32).optional(), mac: hexMac.optional() });
const rssiQuery = pageQuery.extend({ mac: hexMac });
const messageQuery = pageQuery.extend({
  stream: z.enum(UP_STREAMS).optional(),
  serial: z.string().max(32).optional(),
});

/** Whole records, by name in the URL. */
const KINDS: Record<string, StateKind> = {
  clients: 'client',
  unconnected: 'unconnected',
  wired: 'wired',
  neighbours: 'neighbour',
  ble: 'ble',
  captures: 'capture',
};

/** What has no shape in the public API: whole records, neighbours, BLE, captures, RSSI samples, messages. */
export const observationRoutes: Routes = (app, cloud) => {
  const { stores } = cloud;

  for (const [name, kind] of Object.entries(KINDS)) {
    app.get<{ Params: { siteId: string } }>(
      `/api/airherd/v1/sites/:siteId/${name}`,
      ({ params, query }, reply) => {
        const page = recordQuery.parse(query);
        const { id: siteId, orgId } = siteOf(cloud, params.siteId);
        const filter = { siteId, serial: page.serial, mac: page.mac };
        const { state } = stores.of(orgId);
        const records = state
          .list<object>(kind, { ...filter, ...window(page) })
          .map(({ value, serial, seenMs }) => ({ ...(plain(value) as object), serial, seenMs }));
        return paged(reply, page, state.count(kind, filter), records);
      },
    );
  }

  app.get<{ Params: { orgId: string; serial: string; captureId: string } }>(
    '/api/airherd/v1/orgs/:orgId/captures/:serial/:captureId.pcapng',
    ({ params }, reply) => {
      const { id: orgId } = organisationOf(cloud, params.orgId);
      const captureId = Buffer.from(params.captureId, 'hex');
      const store = stores.of(orgId);
      if (!store.state.get<CaptureSummary>('capture', [params.serial, captureId])) throw notFound('capture');
      // Every part is a whole section: put end to end they are one file.
      const sections = store.captureParts(captureId).flatMap((id) => {
        const stored = store.message(id);
        return stored && 'section' in stored.message && stored.serial === params.serial
          ? [stored.message.section]
          : [];
      });
      return reply
        .type('application/x-pcapng')
        .header('Content-Disposition', `attachment; filename="${params.captureId}.pcapng"`)
        .send(Buffer.concat(sections));
    },
  );

  app.get<{ Params: { orgId: string } }>('/api/airherd/v1/orgs/:orgId/rssi', ({ params, query }) => {
    const { mac, limit } = rssiQuery.parse(query);
    const store = stores.of(organisationOf(cloud, params.orgId).id);
    const wanted = macText(mac);
    return store
      .rssiMessages(mac, limit)
      .flatMap((id) => {
        const stored = store.message(id);
        if (!stored || !('who' in stored.message)) return [];
        const { serial, message } = stored;
        return unpackRssi(message)
          .filter((sample) => macText(sample.mac) === wanted)
          .map(({ rssiDbm, agoMs }) => ({ serial, rssiDbm, timeMs: message.timeMs - agoMs }));
      })
      .slice(0, limit);
  });

  app.get<{ Params: { orgId: string } }>('/api/airherd/v1/orgs/:orgId/messages', ({ params, query }) => {
    const page = messageQuery.parse(query);
    const store = stores.of(organisationOf(cloud, params.orgId).id);
    return store
      .messages({ stream: page.stream, serial: page.serial, ...window(page) })
      .map(({ message, serial, stream, seq, receivedMs }) => ({
        ...(plain(message) as object),
        serial,
        stream,
        seq,
        receivedMs,
      }));
  });
};
