/** What the demo shows, drawn from what the cloud stored: a pure function of a snapshot. */
import { table } from '../table.ts';
import { byteCount, pad, shorten } from '../text.ts';

export interface DeviceRow {
  serial: string;
  kind: string;
  state: string;
  stored: number;
  pending: number;
}

export interface ClientRow {
  mac: string;
  /** SSID or port that it is on; empty when neither is known. */
  on: string;
  ip: string;
  hostName: string;
  userName: string;
  userAgent: string;
  rssiDbm: number | null;
}

export interface NeighbourRow {
  port: string;
  systemName: string;
  chassisId: string;
  portId: string;
}

export interface DemoSnapshot {
  devices: DeviceRow[];
  clients: ClientRow[];
  neighbours: NeighbourRow[];
  slicing: { frames: number; bytesSeen: number; bytesKept: number; bytesCut: number };
  captures: number;
  elapsedMs: number;
  apiUrl: string;
  deviceUrl: string;
}

const BAR_CELLS = 40;

function section(title: string, lines: string[], empty: string): string[] {
  return ['', title, ...(lines.length > 1 ? lines : [`  ${empty}`])];
}

/** A bar of what was kept of all bytes seen. */
function keptBar(kept: number, seen: number): string {
  const filled = seen === 0 ? 0 : Math.round((BAR_CELLS * kept) / seen);
  return `${'█'.repeat(filled)}${'░'.repeat(BAR_CELLS - filled)}`;
}

/** Lines no wider than `width`, at most `height` of them; tables lose their last rows first. */
export function drawDemo(snapshot: DemoSnapshot, width: number, height: number): string[] {
  const { slicing } = snapshot;
  const head = [
    `airherd demo  ${(snapshot.elapsedMs / 1000).toFixed(0)} s   devices at ${snapshot.deviceUrl}   API at ${snapshot.apiUrl}`,
  ];
  const devices = section(
    'DEVICES',
    table(
      [
        { title: 'SERIAL' },
        { title: 'KIND' },
        { title: 'SESSION', minWidth: 8 },
        { title: 'STORED', align: 'right' },
        { title: 'PENDING', align: 'right' },
      ],
      snapshot.devices.map((d) => [d.serial, d.kind, d.state, String(d.stored), String(d.pending)]),
      width,
    ),
    'none yet',
  );
  const clients = section(
    `CLIENTS (${snapshot.clients.length})`,
    table(
      [
        { title: 'MAC' },
        { title: 'ON', minWidth: 8 },
        { title: 'IP', minWidth: 9 },
        { title: 'HOST NAME', minWidth: 9 },
        { title: 'USER NAME', minWidth: 9 },
        { title: 'USER AGENT', minWidth: 10 },
        { title: 'RSSI', align: 'right' },
      ],
      snapshot.clients.map((c) => [
        c.mac,
        c.on,
        c.ip,
        c.hostName,
        c.userName,
        c.userAgent,
        c.rssiDbm === null ? '' : `${c.rssiDbm} dBm`,
      ]),
      width,
    ),
    'none yet',
  );
  const neighbours = section(
    `LLDP NEIGHBOURS (${snapshot.neighbours.length})`,
    table(
      [
        { title: 'ON PORT' },
        { title: 'SYSTEM NAME', minWidth: 11 },
        { title: 'CHASSIS', minWidth: 10 },
        { title: 'THEIR PORT', minWidth: 10 },
      ],
      snapshot.neighbours.map((n) => [n.port, n.systemName, n.chassisId, n.portId]),
      width,
    ),
    'none yet',
  );
  const packets = [
    '',
    `PACKETS  ${slicing.frames} sliced, ${byteCount(slicing.bytesSeen)} seen, ${snapshot.captures} captures shipped`,
    `  ${keptBar(slicing.bytesKept, slicing.bytesSeen)}  ${byteCount(slicing.bytesKept)} kept (headers), ${byteCount(slicing.bytesCut)} cut (payload)`,
  ];
  const fixed = head.length + packets.length;
  const body = [...devices, ...clients, ...neighbours].slice(0, Math.max(0, height - fixed));
  return [...head, ...body, ...packets].map((line) => pad(shorten(line, width), width).trimEnd());
}
