import { z } from 'zod';
import { BLE_CLASSES, type BleDevice, bleClass } from '../../protocol/messages/ble.ts';
import type { Client } from '../../protocol/messages/clients.ts';
import type { Neighbour } from '../../protocol/messages/lldp.ts';
import { unpackRssi } from '../../protocol/messages/rssi.ts';
import type { PrivacyClass } from '../../protocol/privacy.ts';
import { UP_STREAMS } from '../../protocol/topics.ts';
import type { Subject } from '../audit/entry.ts';
import type { Permission } from '../people/roles.ts';
import { usable } from '../privacy/download.ts';
import type { StateKind, StoredState } from '../store/state.ts';
import { hexMac } from './mac-query.ts';
import { paged, pageQuery, window } from './paging.ts';
import { isNeighbour, isPresent, presence } from './presence.ts';
import { type Route, route } from './route.ts';
import { macText, plain } from './shapes.ts';

const recordQuery = pageQuery.extend({ serial: z.string().max(32).optional(), mac: hexMac.optional() });
const CONNECTED: readonly Client['state'][] = ['authenticating', 'associated'];
const placeQuery = pageQuery.extend({ mac: hexMac.optional() });
const rssiQuery = pageQuery.extend({ mac: hexMac });
const messageQuery = pageQuery.extend({
  stream: z.enum(UP_STREAMS).optional(),
  serial: z.string().max(32).optional(),
});

const ofMac = (mac: Uint8Array | undefined): Subject | undefined =>
  mac && { kind: 'mac', value: macText(mac) };

/** Whole records, by name in the URL. Ports and radios are of the network's devices, all others are people's. */
const KINDS: readonly {
  name: string;
  kind: StateKind;
  personal: boolean;
  location?: PrivacyClass;
  /** Records say whether who they are of is there still (`present`). */
  comesAndGoes?: boolean;
}[] = [
  { name: 'clients', kind: 'client', personal: true, comesAndGoes: true },
  { name: 'unconnected', kind: 'unconnected', personal: true, location: 'wifi.unconnected' },
  { name: 'wired', kind: 'wired', personal: true, comesAndGoes: true },
  { name: 'ports', kind: 'port', personal: false },
  { name: 'radios', kind: 'radio', personal: false },
  { name: 'captures', kind: 'capture', personal: true },
];

const permissionFor = ({ kind, personal, location }: (typeof KINDS)[number]): Permission => {
  if (location) return 'location.read';
  return kind === 'capture' ? 'packet.read' : personal ? 'client.read' : 'device.read';
};

/** A record as it is, with who told it and when. */
const shown = <T>({ value, serial, seenMs }: StoredState<T>) => ({
  ...(plain(value) as object),
  serial,
  seenMs,
});

const records = KINDS.map((of) => {
  const { name, kind, personal, location, comesAndGoes } = of;
  return route({
    method: 'GET',
    path: `/api/airherd/v1/sites/:siteId/${name}`,
    may: permissionFor(of),
    personal,
    query: recordQuery,
    subject: ({ query }) => ofMac(query.mac),
    handle({ cloud, org, site, query, reply }) {
      // Switched off, what is left of it until it is purged is not shown either.
      if (location && !org.privacyClasses.includes(location)) return paged(reply, query, 0, []);
      const filter = { siteId: site.id, serial: query.serial, mac: query.mac };
      const { state } = cloud.stores.of(site.orgId);
      const since = comesAndGoes && presence(cloud, site);
      const found = state.list<object>(kind, { ...filter, ...window(query) }).map((record) => ({
        ...shown(record),
        ...(since && { present: isPresent(record, since) }),
      }));
      return paged(reply, query, state.count(kind, filter), found);
    },
  });
});

/** Records of one site that are looked through when only some of them may be shown. */
const MOST_RECORDS = 100_000;

/** What has no shape in the public API: whole records, neighbours, BLE, captures, RSSI samples, messages. */
export const observationRoutes: readonly Route[] = [
  ...records,
  /** Those whose time to live is not over. */
  route({
    method: 'GET',
    path: '/api/airherd/v1/sites/:siteId/neighbours',
    may: 'device.read',
    personal: false,
    query: recordQuery,
    subject: ({ query }) => ofMac(query.mac),
    handle({ cloud, site, query, reply }) {
      const since = presence(cloud, site);
      const nowMs = cloud.clock.wallMs();
      const { serial, mac } = query;
      const all = cloud.stores
        .of(site.orgId)
        .state.list<Neighbour>('neighbour', { siteId: site.id, serial, mac, limit: MOST_RECORDS, offset: 0 })
        .filter((record) => isNeighbour(record, since, nowMs));
      const { limit, offset } = window(query);
      return paged(reply, query, all.length, all.slice(offset, offset + limit).map(shown));
    },
  }),
  /** Named assets and passive devices, each while its class is on. */
  route({
    method: 'GET',
    path: '/api/airherd/v1/sites/:siteId/ble',
    may: 'location.read',
    personal: true,
    query: recordQuery,
    subject: ({ query }) => ofMac(query.mac),
    handle({ cloud, org, site, query, reply }) {
      const { state } = cloud.stores.of(site.orgId);
      const filter = { siteId: site.id, serial: query.serial, mac: query.mac };
      const { limit, offset } = window(query);
      const isOn = BLE_CLASSES.filter((name) => org.privacyClasses.includes(name));
      if (isOn.length === 0) return paged(reply, query, 0, []);
      // One query a page where all may be shown; else what is hidden is not to be counted either.
      const all = isOn.length === BLE_CLASSES.length;
      const found = state
        .list<BleDevice>('ble', {
          ...filter,
          ...(all ? { limit, offset } : { limit: MOST_RECORDS, offset: 0 }),
        })
        .filter(({ value }) => isOn.includes(bleClass(value)));
      const page = (all ? found : found.slice(offset, offset + limit)).map((record) => ({
        ...shown(record),
        class: bleClass(record.value),
      }));
      return paged(reply, query, all ? state.count('ble', filter) : found.length, page);
    },
  }),
  /** The coarse tier: who is connected is where the access point is. Nobody else is anywhere here. */
  route({
    method: 'GET',
    path: '/api/airherd/v1/sites/:siteId/places',
    may: 'client.read',
    personal: true,
    query: placeQuery,
    subject: ({ query }) => ofMac(query.mac),
    handle({ cloud, org, site, query, reply }) {
      if (!org.privacyClasses.includes('wifi.connected')) return paged(reply, query, 0, []);
      const { state } = cloud.stores.of(site.orgId);
      const filter = { siteId: site.id, mac: query.mac, present: presence(cloud, site) };
      const found = state
        .list<Client>('client', { ...filter, ...window(query) })
        .filter(({ value }) => CONNECTED.includes(value.state))
        .map(({ value, serial, seenMs }) => ({
          mac: macText(value.mac),
          tier: 'coarse',
          place: { accessPoint: serial, bssid: value.bssid && macText(value.bssid) },
          seenMs,
        }));
      return paged(reply, query, found.length, found);
    },
  }),
  route({
    method: 'GET',
    path: '/api/airherd/v1/orgs/:orgId/rssi',
    may: 'location.read',
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
          if (!org.privacyClasses.includes(stored.message.class)) return [];
          const { serial, message } = stored;
          const shown = usable(store, message);
          if (!shown || !('who' in shown)) return [];
          return unpackRssi(shown)
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
    handle({ cloud, org, query }) {
      const store = cloud.stores.of(org.id);
      return store
        .messages({ stream: query.stream, serial: query.serial, ...window(query) })
        .flatMap(({ message, serial, stream, seq, receivedMs }) => {
          const shown = usable(store, message);
          return shown ? [{ ...(plain(shown) as object), serial, stream, seq, receivedMs }] : [];
        });
    },
  }),
];
