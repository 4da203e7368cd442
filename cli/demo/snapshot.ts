/** What the demo shows is read from the cloud's store: that it is shown means that it was sent, stored, found. */
import type { Agent } from '../../agent/index.ts';
import type { Cloud } from '../../cloud-stub/index.ts';
import type { Client } from '../../protocol/messages/clients.ts';
import type { Neighbour } from '../../protocol/messages/lldp.ts';
import type { Stats } from '../../protocol/messages/stats.ts';
import type { WiredHost } from '../../protocol/messages/wired.ts';
import type { ClientRow, DemoSnapshot, DeviceRow, NeighbourRow } from './view.ts';

export interface DemoDevice {
  serial: string;
  kind: string;
  agent: Agent;
}

const MANY = { limit: 1000, offset: 0 };

const macText = (mac: Uint8Array): string =>
  Buffer.from(mac)
    .toString('hex')
    .replace(/(..)(?!$)/g, '$1:');
const addresses = (record: { ip4?: string[]; ip6?: string[] }): string =>
  [...(record.ip4 ?? []), ...(record.ip6 ?? [])].join(' ');

function clientRow(on: string, record: Client | WiredHost): ClientRow {
  return {
    mac: macText(record.mac),
    on,
    ip: addresses(record),
    hostName: record.hostName ?? '',
    userName: record.userName ?? '',
    userAgent: record.userAgent ?? '',
    rssiDbm: 'rssi' in record ? (record.rssi?.last ?? null) : null,
  };
}

/** Those that the most is known of come first. */
const knowledge = (row: ClientRow): number =>
  [row.ip, row.hostName, row.userName, row.userAgent].filter((text) => text !== '').length;

function deviceRow(device: DemoDevice, cloud: Cloud, orgId: string): DeviceRow {
  const stored = cloud.stores
    .of(orgId)
    .positions.list(device.serial)
    .reduce((sum, position) => sum + position.stored, 0);
  const { serial, kind, agent } = device;
  return { serial, kind, state: agent.state, stored, pending: agent.outbox.pending };
}

export function takeSnapshot(
  cloud: Cloud,
  orgId: string,
  devices: readonly DemoDevice[],
  elapsedMs: number,
): DemoSnapshot {
  const { state } = cloud.stores.of(orgId);
  const clients = [
    ...state.list<Client>('client', MANY).map(({ value }) => clientRow(value.ssid ?? '', value)),
    ...state.list<WiredHost>('wired', MANY).map(({ value }) => clientRow(value.port, value)),
  ].sort((a, b) => knowledge(b) - knowledge(a) || (a.mac < b.mac ? -1 : 1));
  const neighbours = state.list<Neighbour>('neighbour', MANY).map(
    ({ value }): NeighbourRow => ({
      port: value.port,
      systemName: value.systemName ?? '',
      chassisId: value.chassisId,
      portId: value.portId,
    }),
  );
  const slicing = { frames: 0, bytesSeen: 0, bytesKept: 0, bytesCut: 0 };
  for (const { value } of state.list<Stats>('stats', MANY)) {
    for (const key of ['frames', 'bytesSeen', 'bytesKept', 'bytesCut'] as const) {
      slicing[key] += value.slicing[key];
    }
  }
  return {
    devices: devices.map((device) => deviceRow(device, cloud, orgId)),
    clients,
    neighbours,
    slicing,
    captures: state.count('capture', {}),
    elapsedMs,
    deviceUrl: `mqtts://${cloud.host}:${cloud.devicePort}`,
    apiUrl: `https://${cloud.host}:${cloud.apiPort}`,
  };
}
