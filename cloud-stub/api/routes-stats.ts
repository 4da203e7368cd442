import { z } from 'zod';
import type { Client } from '../../protocol/messages/clients.ts';
import type { Hello } from '../../protocol/messages/hello.ts';
import type { Stats } from '../../protocol/messages/stats.ts';
import type { WiredHost } from '../../protocol/messages/wired.ts';
import type { DeviceRecord } from '../registry/device.ts';
import type { CountsSince } from '../store/state.ts';
import type { ApiCloud } from './context.ts';
import { notFound } from './failure.ts';
import { paged, pageQuery, window } from './paging.ts';
import { presence } from './presence.ts';
import { type Route, route } from './route.ts';
import { clientShape, deviceStatsShape, siteShape, wiredClientShape } from './shapes.ts';

const deviceQuery = pageQuery.extend({
  type: z.enum(['ap', 'switch', 'gateway', 'all']).default('ap'),
  status: z.enum(['connected', 'disconnected', 'all']).default('all'),
});
const clientQuery = pageQuery.extend({ wired: z.enum(['true', 'false']).default('false') });

function statsOf(cloud: ApiCloud, device: DeviceRecord, present: CountsSince) {
  const { state } = cloud.stores.of(device.orgId ?? '');
  const { serial } = device;
  return deviceStatsShape(device, {
    connected: cloud.sessions.of(serial) !== undefined,
    hello: state.get<Hello>('hello', [serial]),
    stats: state.get<Stats>('stats', [serial]),
    clients: state.count('client', { serial, present }),
    wiredClients: state.count('wired', { serial, present }),
  });
}

/** Mist's `stats` of sites, devices and clients. */
export const statsRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/sites/:siteId/stats',
    may: 'device.read',
    personal: false,
    handle({ cloud, site }) {
      const { registry, sessions, stores } = cloud;
      const devices = registry.list({ siteId: site.id });
      const count = (kind?: DeviceRecord['kind'], connected?: boolean) =>
        devices.filter(
          (device) =>
            (kind === undefined || device.kind === kind) && (!connected || sessions.of(device.serial)),
        ).length;
      return {
        ...siteShape(site),
        num_devices: count(),
        num_devices_connected: count(undefined, true),
        num_ap: count('ap'),
        num_ap_connected: count('ap', true),
        num_switch: count('switch'),
        num_switch_connected: count('switch', true),
        num_gateway: 0,
        num_gateway_connected: 0,
        num_clients: stores
          .of(site.orgId)
          .state.count('client', { siteId: site.id, present: presence(cloud, site) }),
      };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/sites/:siteId/stats/devices',
    may: 'device.read',
    personal: false,
    query: deviceQuery,
    handle({ cloud, site, query, reply }) {
      const { limit, offset } = window(query);
      const devices = cloud.registry
        .list({ siteId: site.id })
        .filter(({ kind }) => query.type === 'all' || kind === query.type)
        .filter(
          ({ serial }) =>
            query.status === 'all' ||
            (cloud.sessions.of(serial) !== undefined) === (query.status === 'connected'),
        );
      const since = presence(cloud, site);
      const shown = devices.slice(offset, offset + limit).map((device) => statsOf(cloud, device, since));
      return paged(reply, query, devices.length, shown);
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/sites/:siteId/stats/devices/:deviceId',
    may: 'device.read',
    personal: false,
    handle({ cloud, site, params }) {
      const device = cloud.registry
        .list({ siteId: site.id })
        .find(({ mac }) => params.deviceId.endsWith(mac.replaceAll(':', '')));
      if (!device) throw notFound('device');
      return statsOf(cloud, device, presence(cloud, site));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/sites/:siteId/stats/clients',
    may: 'client.read',
    personal: true,
    query: clientQuery,
    handle({ cloud, site, query, reply }) {
      const { registry, stores } = cloud;
      const { id: siteId, orgId } = site;
      const { state } = stores.of(orgId);
      const who = { siteId, present: presence(cloud, site) };
      if (query.wired === 'true') {
        const hosts = state.list<WiredHost>('wired', { ...who, ...window(query) }).flatMap((record) => {
          const device = registry.find(record.serial);
          return device ? [wiredClientShape(record, device)] : [];
        });
        return paged(reply, query, state.count('wired', who), hosts);
      }
      const clients = state
        .list<Client>('client', { ...who, ...window(query) })
        .map((record) => clientShape(record, registry.find(record.serial)?.mac ?? ''));
      return paged(reply, query, state.count('client', who), clients);
    },
  }),
];
