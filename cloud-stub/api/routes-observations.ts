import { z } from 'zod';
import { unpackRssi } from '../../protocol/messages/rssi.ts';
import { UP_STREAMS } from '../../protocol/topics.ts';
import type { Subject } from '../audit/entry.ts';
import type { StateKind } from '../store/state.ts';
import { hexMac } from './mac-query.ts';
import { paged, pageQuery, window } from './paging.ts';
import { type Route, route } from './route.ts';
import { macText, plain } from './shapes.ts';

const recordQuery = pageQuery.extend({ serial: z.string().max(32).optional(), mac: hexMac.optional() });
const rssiQuery = pageQuery.extend({ mac: hexMac });
const messageQuery = pageQuery.extend({
  stream: z.enum(UP_STREAMS).optional(),
  serial: z.string().max(32).optional(),
});

const ofMac = (mac: Uint8Array | undefined): Subject | undefined =>
  mac && { kind: 'mac', value: macText(mac) };

/** Whole records, by name in the URL. Neighbours are devices of the network, all others are people's. */
const KINDS: readonly { name: string; kind: StateKind; personal: boolean }[] = [
  { name: 'clients', kind: 'client', personal: true },
  { name: 'unconnected', kind: 'unconnected', personal: true },
  { name: 'wired', kind: 'wired', personal: true },
  { name: 'neighbours', kind: 'neighbour', personal: false },
  { name: 'ble', kind: 'ble', personal: true },
  { name: 'captures', kind: 'capture', personal: true },
];

const records = KINDS.map(({ name, kind, personal }) =>
  route({
    method: 'GET',
    path: `/api/airherd/v1/sites/:siteId/${name}`,
    may: kind === 'capture' ? 'packet.read' : personal ? 'client.read' : 'device.read',
    personal,
    query: recordQuery,
    subject: ({ query }) => ofMac(query.mac),
    handle({ cloud, site, query, reply }) {
      const filter = { siteId: site.id, serial: query.serial, mac: query.mac };
      const { state } = cloud.stores.of(site.orgId);
      const found = state
        .list<object>(kind, { ...filter, ...window(query) })
        .map(({ value, serial, seenMs }) => ({ ...(plain(value) as object), serial, seenMs }));
      return paged(reply, query, state.count(kind, filter), found);
    },
  }),
);

/** What has no shape in the public API: whole records, neighbours, BLE, captures, RSSI samples, messages. */
export const observationRoutes: readonly Route[] = [
  ...records,
  route({
    method: 'GET',
    path: '/api/airherd/v1/orgs/:orgId/rssi',
    may: 'client.read',
    personal: true,
    query: rssiQuery,
    subject: ({ query }) => ofMac(query.mac),
    handle({ cloud, org, query: { mac, limit } }) {
      const store = cloud.stores.of(org.id);
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
    },
  }),
  /** With the packets that are in them: hence the permission. */
  route({
    method: 'GET',
    path: '/api/airherd/v1/orgs/:orgId/messages',
    may: 'packet.read',
    personal: true,
    query: messageQuery,
    handle: ({ cloud, org, query }) =>
      cloud.stores
        .of(org.id)
        .messages({ stream: query.stream, serial: query.serial, ...window(query) })
        .map(({ message, serial, stream, seq, receivedMs }) => ({
          ...(plain(message) as object),
          serial,
          stream,
          seq,
          receivedMs,
        })),
  }),
];
