import { z } from 'zod';
import type { Client } from '../../protocol/messages/clients.ts';
import type { Hello } from '../../protocol/messages/hello.ts';
import type { Stats } from '../../protocol/messages/stats.ts';
import type { WiredHost } from '../../protocol/messages/wired.ts';
import type { DeviceRecord } from '../registry/device.ts';
import { type ApiCloud, type Routes, siteOf } from './context.ts';
import { notFound } from './failure.ts';
import { paged, pageQuery, window } from './paging.ts';
import { clientShape, deviceStatsShape, siteShape, wiredClientShape } from './shapes.ts';

const deviceQuery = pageQuery.extend({
  type: z.enum(['ap', 'switch', 'gateway', 'all']).default('ap'),
  status: z.enum(['connected', 'disconnected', 'all']).default('all'),
});
const clientQuery = pageQuery.extend({ wired: z.enum(['true', 'false']).default('false') });

function statsOf(cloud: ApiCloud, device: DeviceRecord) {
  const { state } = cloud.stores.of(device.orgId ?? '');
  const { serial } = device;
  return deviceStatsShape(device, {
    connected: cloud.sessions.of(serial) !== undefined,
    hello: state.get<Hello>('hello', [serial]),
    stats: state.get<Stats>('stats', [serial]),
    clients: state.count('client', { serial }),
    wiredClients: state.count('wired', { serial }),
  });
}

/** Mist's `stats` of sites, devices and clients. */
export const statsRoutes: Routes = (app, cloud) => {
  const { registry, stores, sessions } = cloud;

  app.get<{ Params: { siteId: string } }>('/api/v1/sites/:siteId/stats', ({ params }) => {
    const site = siteOf(cloud, params.siteId);
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
      num_clients: stores.of(site.orgId).state.count('client', { siteId: site.id }),
    };
  });

  app.get<{ Params: { siteId: string } }>(
    '/api/v1/sites/:siteId/stats/devices',
    ({ params, query }, reply) => {
      const page = deviceQuery.parse(query);
      const { limit, offset } = window(page);
      const devices = registry
        .list({ siteId: siteOf(cloud, params.siteId).id })
        .filter(({ kind }) => page.type === 'all' || kind === page.type)
        .filter(
          ({ serial }) =>
            page.status === 'all' || (sessions.of(serial) !== undefined) === (page.status === 'connected'),
        );
      const shown = devices.slice(offset, offset + limit).map((device) => statsOf(cloud, device));
      return paged(reply, page, devices.length, shown);
    },
  );

  app.get<{ Params: { siteId: string; deviceId: string } }>(
    '/api/v1/sites/:siteId/stats/devices/:deviceId',
    ({ params }) => {
      const device = registry
        .list({ siteId: siteOf(cloud, params.siteId).id })
        .find(({ mac }) => params.deviceId.endsWith(mac.replaceAll(':', '')));
      if (!device) throw notFound('device');
      return statsOf(cloud, device);
    },
  );

  app.get<{ Params: { siteId: string } }>(
    '/api/v1/sites/:siteId/stats/clients',
    ({ params, query }, reply) => {
      const page = clientQuery.parse(query);
      const { id: siteId, orgId } = siteOf(cloud, params.siteId);
      const { state } = stores.of(orgId);
      if (page.wired === 'true') {
        const hosts = state.list<WiredHost>('wired', { siteId, ...window(page) }).flatMap((record) => {
          const device = registry.find(record.serial);
          return device ? [wiredClientShape(record, device)] : [];
        });
        return paged(reply, page, state.count('wired', { siteId }), hosts);
      }
      const clients = state
        .list<Client>('client', { siteId, ...window(page) })
        .map((record) => clientShape(record, registry.find(record.serial)?.mac ?? ''));
      return paged(reply, page, state.count('client', { siteId }), clients);
    },
  );
};
