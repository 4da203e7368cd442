import type { ClientRecord, WiredRecord } from '../../../packets/observe/records.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import type { Column } from '../../table.ts';

export type StationRecord = ClientRecord | WiredRecord;

interface Field {
  name: string;
  column: Column;
  text(record: StationRecord): string;
}

const list = (values: readonly string[] | undefined): string => values?.join(' ') ?? '';
const number = (value: number | undefined): string => value?.toString() ?? '';
const iso = (timeMs: number): string => {
  const day = new Date(timeMs);
  // Stamps may lie outside all calendars.
  return Number.isNaN(day.valueOf()) ? `${timeMs} ms` : day.toISOString();
};

/** All fields of clients and wired hosts, in the order of the tables. */
const FIELDS: readonly Field[] = [
  { name: 'mac', column: { title: 'MAC' }, text: (r) => (r.randomized ? `${r.mac} *` : r.mac) },
  { name: 'randomized', column: { title: 'Random' }, text: (r) => (r.randomized ? 'yes' : 'no') },
  { name: 'port', column: { title: 'Port', minWidth: 6 }, text: (r) => ('port' in r ? r.port : '') },
  { name: 'state', column: { title: 'State' }, text: (r) => ('state' in r ? r.state : '') },
  { name: 'ip4', column: { title: 'IPv4', minWidth: 15 }, text: (r) => list(r.ip4) },
  { name: 'ip6', column: { title: 'IPv6', minWidth: 12 }, text: (r) => list(r.ip6) },
  { name: 'hostName', column: { title: 'Host name', minWidth: 9 }, text: (r) => r.hostName ?? '' },
  { name: 'userName', column: { title: 'User', minWidth: 6 }, text: (r) => r.userName ?? '' },
  { name: 'vlan', column: { title: 'VLAN', align: 'right' }, text: (r) => number(r.vlan) },
  { name: 'ssid', column: { title: 'SSID', minWidth: 6 }, text: (r) => ('ssid' in r ? (r.ssid ?? '') : '') },
  { name: 'bssid', column: { title: 'BSSID' }, text: (r) => ('bssid' in r ? (r.bssid ?? '') : '') },
  { name: 'band', column: { title: 'Band' }, text: (r) => ('band' in r ? (r.band ?? '') : '') },
  {
    name: 'channel',
    column: { title: 'Ch', align: 'right' },
    text: (r) => ('channel' in r ? number(r.channel) : ''),
  },
  { name: 'rssi', column: { title: 'RSSI dBm' }, text: rssi },
  { name: 'family', column: { title: 'Device', minWidth: 6 }, text: (r) => r.family ?? '' },
  { name: 'os', column: { title: 'System', minWidth: 6 }, text: (r) => r.os ?? '' },
  {
    name: 'confidence',
    column: { title: 'Sure', align: 'right' },
    text: (r) => (r.confidence === undefined ? '' : `${Math.round(r.confidence * 100)}%`),
  },
  { name: 'manufacturer', column: { title: 'Manufacturer', minWidth: 8 }, text: (r) => r.manufacturer ?? '' },
  { name: 'userAgent', column: { title: 'User agent', minWidth: 10 }, text: (r) => r.userAgent ?? '' },
  { name: 'tlsFingerprint', column: { title: 'TLS (JA4)' }, text: (r) => r.tlsFingerprint ?? '' },
  { name: 'frames', column: { title: 'Frames', align: 'right' }, text: (r) => number(r.frames) },
  { name: 'firstSeenMs', column: { title: 'First seen' }, text: (r) => iso(r.firstSeenMs) },
  { name: 'lastSeenMs', column: { title: 'Last seen' }, text: (r) => iso(r.lastSeenMs) },
];

function rssi(record: StationRecord): string {
  if (!('rssi' in record) || record.rssi === undefined) return '';
  const { last, min, mean, max } = record.rssi;
  return `${last} (${min}/${mean.toFixed(1)}/${max})`;
}

const NAMES = FIELDS.map(({ name }) => name);
export const CLIENT_FIELDS: readonly string[] = NAMES.filter(
  (name) => !['port', 'randomized', 'firstSeenMs', 'lastSeenMs'].includes(name),
);
const OF_WIFI = ['state', 'ssid', 'bssid', 'band', 'channel', 'rssi'];
export const WIRED_FIELDS: readonly string[] = NAMES.filter(
  (name) => name === 'port' || (CLIENT_FIELDS.includes(name) && !OF_WIFI.includes(name)),
);

export function fieldsNamed(names: readonly string[]): Field[] {
  return FIELDS.filter(({ name }) => names.includes(name));
}

/** @throws AirherdError usage-invalid, naming what there is. */
export function parseFields(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) {
    throw new AirherdError('usage-invalid', {
      detail: `--fields: no field ${unknown.map((name) => `"${name}"`).join(', ')}; there are ${NAMES.join(', ')}`,
    });
  }
  return names;
}
