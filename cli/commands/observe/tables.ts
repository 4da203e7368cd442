import type { Observer, ObserverTotals } from '../../../packets/observe/observer.ts';
import type { NeighbourRecord } from '../../../packets/observe/records.ts';
import { table } from '../../table.ts';
import { byteCount } from '../../text.ts';
import { CLIENT_FIELDS, fieldsNamed, type StationRecord, WIRED_FIELDS } from './fields.ts';

/** Lines for a terminal `width` cells wide; hostile text in them is printable. */
export function observationTables(observer: Observer, chosen: string[] | undefined, width: number): string[] {
  const clients = observer.clients();
  const wiredHosts = observer.wiredHosts();
  const lines = [
    ...section('Clients', stations(clients, chosen ?? CLIENT_FIELDS, width)),
    ...section('Wired hosts', stations(wiredHosts, chosen ?? WIRED_FIELDS, width)),
    ...section('Access points', accessPoints(observer, width)),
    ...section('Neighbours', neighbours(observer.neighbours(), width)),
    ...section('BLE devices', bleDevices(observer, width)),
    ...totals(observer.totals()),
  ];
  if ([...clients, ...wiredHosts].some(({ randomized }) => randomized))
    lines.push('* locally administered (random) address');
  return lines;
}

function section(title: string, rows: string[]): string[] {
  // The first line is the heading.
  return rows.length < 2 ? [] : [`${title} (${rows.length - 1})`, ...rows.map((row) => `  ${row}`), ''];
}

function stations(records: readonly StationRecord[], names: readonly string[], width: number): string[] {
  const byMac = [...records].sort((a, b) => (a.mac < b.mac ? -1 : 1));
  // Columns that no record fills would only take room.
  const fields = fieldsNamed(names).filter((field) => byMac.some((record) => field.text(record) !== ''));
  const rows = byMac.map((record) => fields.map((field) => field.text(record)));
  return table(
    fields.map(({ column }) => column),
    rows,
    width - 2,
  );
}

function accessPoints(observer: Observer, width: number): string[] {
  const rows = observer
    .accessPoints()
    .map((ap) => [
      ap.bssid,
      ap.ssid ?? '',
      ap.band ?? '',
      String(ap.channel ?? ''),
      String(ap.rssi?.last ?? ''),
    ]);
  const columns = [
    { title: 'BSSID' },
    { title: 'SSID', minWidth: 6 },
    { title: 'Band' },
    { title: 'Ch' },
    { title: 'RSSI dBm' },
  ];
  return table(columns, rows, width - 2);
}

function neighbours(records: readonly NeighbourRecord[], width: number): string[] {
  const columns = [
    { title: 'Port', minWidth: 6 },
    { title: 'By' },
    { title: 'Chassis', minWidth: 17 },
    { title: 'Neighbour port', minWidth: 8 },
    { title: 'System', minWidth: 8 },
    { title: 'Description', minWidth: 8 },
    { title: 'Addresses', minWidth: 8 },
    { title: 'TTL s' },
    { title: 'Frame' },
  ];
  const rows = records.map((of) => [
    of.port,
    of.protocol.toUpperCase(),
    of.chassisId,
    of.portId,
    of.systemName ?? '',
    of.systemDescription ?? '',
    of.managementAddresses?.join(' ') ?? '',
    String(of.ttlS),
    String(of.provenance.frame),
  ]);
  return table(columns, rows, width - 2);
}

function bleDevices(observer: Observer, width: number): string[] {
  const columns = [
    { title: 'Address' },
    { title: 'Type' },
    { title: 'Name', minWidth: 8 },
    { title: 'Format' },
    { title: 'RSSI dBm' },
    { title: 'Frames' },
  ];
  const rows = observer
    .bleDevices()
    .map((of) => [
      of.address,
      of.addressType,
      of.localName ?? '',
      of.format ?? '',
      String(of.rssi?.last ?? ''),
      String(of.frames),
    ]);
  return table(columns, rows, width - 2);
}

function totals(of: ObserverTotals): string[] {
  const lines = [`${of.frames} frames, ${byteCount(of.capturedBytes)} of ${byteCount(of.bytes)} captured`];
  for (const { layer, kind, frames } of of.faults) lines.push(`${layer}: ${frames} frames ${kind}`);
  const evicted = Object.entries(of.evicted).filter(([, count]) => count > 0);
  if (evicted.length > 0) {
    lines.push(`tables full, forgotten: ${evicted.map(([what, count]) => `${count} ${what}`).join(', ')}`);
  }
  return lines;
}
