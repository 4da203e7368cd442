/** From records to the public Mist shapes: MACs as 12 hex digits, times in epoch seconds, ids as UUIDs. */
import type { Client } from '../../protocol/messages/clients.ts';
import type { Hello } from '../../protocol/messages/hello.ts';
import type { Stats } from '../../protocol/messages/stats.ts';
import type { WiredHost } from '../../protocol/messages/wired.ts';
import type { DeviceRecord } from '../registry/device.ts';
import type { Organisation, Site } from '../registry/organisations.ts';
import type { StoredState } from '../store/state.ts';

export const macText = (mac: Uint8Array): string => Buffer.from(mac).toString('hex');
const bareMac = (mac: string): string => mac.replaceAll(':', '').toLowerCase();
/** Device ids are the MAC behind a fixed prefix. */
const deviceId = (mac: string): string => `00000000-0000-0000-1000-${bareMac(mac)}`;
const seconds = (ms: number): number => ms / 1000;

export const orgShape = (organisation: Organisation) => ({
  id: organisation.id,
  name: organisation.name,
  allow_mist: organisation.allowSupport,
  session_expiry: organisation.sessionMinutes,
  created_time: seconds(organisation.createdMs),
});

export const siteShape = (site: Site) => ({
  id: site.id,
  org_id: site.orgId,
  name: site.name,
  timezone: 'UTC',
  created_time: seconds(site.createdMs),
});

export const inventoryShape = (device: DeviceRecord, connected: boolean) => ({
  id: deviceId(device.mac),
  serial: device.serial,
  mac: bareMac(device.mac),
  model: device.model,
  type: device.kind,
  name: device.serial,
  org_id: device.orgId,
  site_id: device.siteId,
  adopted: true,
  connected,
  created_time: seconds(device.createdMs),
});

export interface DeviceFacts {
  connected: boolean;
  hello: StoredState<Hello> | null;
  stats: StoredState<Stats> | null;
  clients: number;
  wiredClients: number;
}

export function deviceStatsShape(device: DeviceRecord, facts: DeviceFacts) {
  const { hello, stats, connected } = facts;
  const seenMs = Math.max(hello?.seenMs ?? 0, stats?.seenMs ?? 0);
  return {
    ...inventoryShape(device, connected),
    status: connected ? 'connected' : 'disconnected',
    version: hello?.value.firmware,
    last_seen: seenMs > 0 ? seconds(seenMs) : undefined,
    uptime: stats ? Math.floor(stats.value.uptimeMs / 1000) : undefined,
    mem_used_kb: stats ? Math.round(stats.value.memoryBytes / 1024) : undefined,
    sources: stats?.value.sources,
    ...(device.kind === 'ap'
      ? { num_clients: facts.clients }
      : { hostname: device.serial, clients_stats: { total: { num_wired_clients: facts.wiredClients } } }),
  };
}

const BANDS = { '2.4': '24', '5': '5', '6': '6' } as const;

export function clientShape(record: StoredState<Client>, apMac: string) {
  const { value, seenMs } = record;
  return {
    mac: macText(value.mac),
    ap_id: deviceId(apMac),
    ap_mac: bareMac(apMac),
    hostname: value.hostName,
    username: value.userName,
    ip: value.ip4?.at(-1),
    ip6: value.ip6?.at(-1),
    ssid: value.ssid,
    band: value.band && BANDS[value.band],
    channel: value.channel,
    vlan_id: value.vlan === undefined ? undefined : String(value.vlan),
    rssi: value.rssi?.last,
    manufacture: value.manufacturer,
    family: value.family,
    os: value.os,
    is_guest: false,
    last_seen: seconds(seenMs),
  };
}

export function wiredClientShape(record: StoredState<WiredHost>, device: DeviceRecord) {
  const { value, seenMs, siteId } = record;
  return {
    mac: macText(value.mac),
    device_id: deviceId(device.mac),
    device_mac: bareMac(device.mac),
    eth_port: value.port,
    site_id: siteId,
    vlan_id: value.vlan,
    ip: value.ip4?.at(-1),
    hostname: value.hostName,
    username: value.userName,
    manufacture: value.manufacturer,
    last_seen: seconds(seenMs),
  };
}

/** Any record as JSON: bytes become hexadecimal. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
