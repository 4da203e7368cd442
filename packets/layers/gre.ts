/** GRE: RFC 2784, key and sequence RFC 2890, source routing RFC 1701; version 1 of PPTP: RFC 2637 §4.1. */
import { hex, u16, u32 } from '../bytes.ts';
import { EtherType, protocolOfEtherType } from '../ethertype.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

export const GreFlag = {
  checksum: 0x8000,
  routing: 0x4000,
  key: 0x2000,
  sequence: 0x1000,
  strictRoute: 0x0800,
  /** Version 1 only. */
  acknowledgment: 0x0080,
} as const;
const VERSION = 0x0007;
/** Recursion control and flags, which RFC 2784 §2.3 wants to be zero. */
const RESERVED_V0 = 0x07f8;
const RESERVED_V1 = 0xcf78;
const MAX_SOURCE_ROUTES = 16;

export const greFlags = (b: Uint8Array, start: number): number => u16(b, start);

export interface GreRecord {
  version: number;
  flags: number;
  protocolType: number;
  checksum?: number;
  key?: number;
  sequence?: number;
  /** Version 1. */
  payloadLength?: number;
  callId?: number;
  acknowledgment?: number;
  /** Hexadecimal, all source route entries of RFC 1701. */
  routing?: string;
}

function protocolOf(type: number): number {
  if (type === EtherType.erspanI || type === EtherType.erspanIII) return Proto.erspan;
  return protocolOfEtherType(type);
}

/** End of the source route entries from `at` (RFC 1701): the last has family 0 and length 0; −1 without one. */
function routesEnd(b: Uint8Array, at: number, end: number): number {
  let here = at;
  for (let n = 0; n < MAX_SOURCE_ROUTES && here + 4 <= end; n++) {
    const family = u16(b, here);
    const length = b[here + 3];
    here += 4 + length;
    if (here > end) return -1;
    if (family === 0 && length === 0) return here;
  }
  return -1;
}

export const gre: Layer<GreRecord> = {
  proto: Proto.gre,

  dissect(d, start, end) {
    const b = d.frame;
    const available = end - start;
    if (available < 4) return d.truncated(Proto.gre, start, 4, available);
    const flags = u16(b, start);
    const version = flags & VERSION;
    if (version > 1) return d.malformed(Proto.gre, start, 'unknown version');
    if ((flags & (version === 0 ? RESERVED_V0 : RESERVED_V1)) !== 0) {
      return d.malformed(Proto.gre, start, 'reserved bits set');
    }
    const type = u16(b, start + 2);
    if (version === 1 && (type !== EtherType.ppp || (flags & GreFlag.key) === 0)) {
      return d.malformed(Proto.gre, start, 'version 1 without a key or PPP');
    }
    let length = 4;
    if ((flags & (GreFlag.checksum | GreFlag.routing)) !== 0) length += 4;
    if ((flags & GreFlag.key) !== 0) length += 4;
    if ((flags & GreFlag.sequence) !== 0) length += 4;
    if (version === 1 && (flags & GreFlag.acknowledgment) !== 0) length += 4;
    if (available < length) return d.truncated(Proto.gre, start, length, available);
    let headerEnd = start + length;
    if ((flags & GreFlag.routing) !== 0) {
      headerEnd = routesEnd(b, headerEnd, end);
      if (headerEnd < 0) return d.malformed(Proto.gre, start + length, 'source routes do not end');
    }
    const packetEnd = version === 1 ? Math.min(end, headerEnd + u16(b, start + 4)) : end;
    d.push(Proto.gre, start, headerEnd, packetEnd);
    if (d.firstFragment || headerEnd === packetEnd) return;
    d.next(protocolOf(type), headerEnd, packetEnd);
  },

  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const flags = u16(b, start);
    const record: GreRecord = { version: flags & VERSION, flags, protocolType: u16(b, start + 2) };
    let at = start + 4;
    if ((flags & (GreFlag.checksum | GreFlag.routing)) !== 0) {
      if ((flags & GreFlag.checksum) !== 0) record.checksum = u16(b, at);
      at += 4;
    }
    if ((flags & GreFlag.key) !== 0) {
      if (record.version === 0) record.key = u32(b, at);
      else {
        record.payloadLength = u16(b, at);
        record.callId = u16(b, at + 2);
      }
      at += 4;
    }
    if ((flags & GreFlag.sequence) !== 0) {
      record.sequence = u32(b, at);
      at += 4;
    }
    if (record.version === 1 && (flags & GreFlag.acknowledgment) !== 0) {
      record.acknowledgment = u32(b, at);
      at += 4;
    }
    if ((flags & GreFlag.routing) !== 0) record.routing = hex(b, at, d.headerEnd[i]);
    return record;
  },
};
