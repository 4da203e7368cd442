/** TCP: RFC 9293, with the options of RFC 7323, RFC 2018, RFC 5925, RFC 7413 and RFC 8684. */
import { hex, u16, u32 } from '../bytes.ts';
import type { Layer } from '../layer.ts';
import { protocolOfTcpPorts } from '../ports.ts';
import { Proto } from '../protocols.ts';

const FIXED_BYTES = 20;

export const tcpSourcePort = (b: Uint8Array, start: number): number => u16(b, start);
export const tcpDestinationPort = (b: Uint8Array, start: number): number => u16(b, start + 2);
/** Bits of `tcpFlags`. */
export const TcpFlag = {
  fin: 0x001,
  syn: 0x002,
  rst: 0x004,
  psh: 0x008,
  ack: 0x010,
  urg: 0x020,
  ece: 0x040,
  cwr: 0x080,
  ae: 0x100,
} as const;
/** Twelve bits: three reserved, AE (RFC 9768), and the eight of RFC 9293. */
export const tcpFlags = (b: Uint8Array, start: number): number => u16(b, start + 12) & 0x0fff;

export const TcpOption = {
  end: 0,
  nop: 1,
  maximumSegmentSize: 2,
  windowScale: 3,
  sackPermitted: 4,
  sack: 5,
  timestamps: 8,
  md5Signature: 19,
  userTimeout: 28,
  authentication: 29,
  multipath: 30,
  fastOpenCookie: 34,
} as const;

/** End of the option at `at`, or −1 when its length lies. */
export function tcpOptionEnd(b: Uint8Array, at: number, end: number): number {
  if (b[at] <= TcpOption.nop) return at + 1;
  if (at + 1 >= end) return -1;
  const next = at + b[at + 1];
  return b[at + 1] < 2 || next > end ? -1 : next;
}

export interface TcpOptionRecord {
  kind: number;
  name: string;
  /** Hexadecimal, without kind and length. */
  data: string;
}

export interface TcpRecord {
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  acknowledgment: number;
  headerBytes: number;
  flags: number;
  window: number;
  checksum: number;
  urgentPointer: number;
  /** Captured bytes behind the header. */
  payloadBytes: number;
  options: TcpOptionRecord[];
  maximumSegmentSize?: number;
  windowScale?: number;
  sackPermitted?: boolean;
  /** Pairs of left and right edge. */
  sack?: [number, number][];
  timestamp?: number;
  timestampEcho?: number;
}

const OPTION_NAMES: readonly string[] = (() => {
  const names: string[] = [];
  for (const [name, kind] of Object.entries(TcpOption)) names[kind] = name;
  return names;
})();

function readOptions(record: TcpRecord, b: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end; ) {
    const next = tcpOptionEnd(b, at, end);
    if (next < 0) return;
    const kind = b[at];
    const data = kind <= TcpOption.nop ? '' : hex(b, at + 2, next);
    record.options.push({ kind, name: OPTION_NAMES[kind] ?? 'unknown', data });
    const length = next - at;
    if (kind === TcpOption.end) return;
    if (kind === TcpOption.maximumSegmentSize && length === 4) record.maximumSegmentSize = u16(b, at + 2);
    else if (kind === TcpOption.windowScale && length === 3) record.windowScale = b[at + 2];
    else if (kind === TcpOption.sackPermitted && length === 2) record.sackPermitted = true;
    else if (kind === TcpOption.timestamps && length === 10) {
      record.timestamp = u32(b, at + 2);
      record.timestampEcho = u32(b, at + 6);
    } else if (kind === TcpOption.sack && length % 8 === 2) {
      record.sack = [];
      for (let edge = at + 2; edge < next; edge += 8) record.sack.push([u32(b, edge), u32(b, edge + 4)]);
    }
    at = next;
  }
}

export const tcp: Layer<TcpRecord> = {
  proto: Proto.tcp,

  dissect(d, start, end) {
    const b = d.frame;
    const available = end - start;
    if (available < FIXED_BYTES) return d.truncated(Proto.tcp, start, FIXED_BYTES, available);
    const headerBytes = (b[start + 12] >> 4) * 4;
    if (headerBytes < FIXED_BYTES) return d.malformed(Proto.tcp, start + 12, 'data offset below 5');
    if (available < headerBytes) return d.truncated(Proto.tcp, start, headerBytes, available);
    const headerEnd = start + headerBytes;
    d.push(Proto.tcp, start, headerEnd, end);
    if (d.firstFragment || headerEnd === end) return;
    d.next(protocolOfTcpPorts(u16(b, start), u16(b, start + 2)), headerEnd, end);
  },

  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const headerEnd = d.headerEnd[i];
    const record: TcpRecord = {
      sourcePort: tcpSourcePort(b, start),
      destinationPort: tcpDestinationPort(b, start),
      sequence: u32(b, start + 4),
      acknowledgment: u32(b, start + 8),
      headerBytes: headerEnd - start,
      flags: tcpFlags(b, start),
      window: u16(b, start + 14),
      checksum: u16(b, start + 16),
      urgentPointer: u16(b, start + 18),
      payloadBytes: d.end[i] - headerEnd,
      options: [],
    };
    readOptions(record, b, start + FIXED_BYTES, headerEnd);
    return record;
  },
};
