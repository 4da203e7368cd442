import { hex } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import type { Layer } from '../layer.ts';
import { protocolOfLinkType } from '../linktype.ts';
import { i8, u16le, u32le, u64le } from '../little-endian.ts';
import { Proto } from '../protocols.ts';

const FIXED = 8;
const FIELD_HEADER = 4;

/** CACE PPI 1.0.7, clause 3.1.3: alignment of fields to four bytes. */
const FLAG_ALIGN = 0x01;

const FIELD_80211_COMMON = 2;
const COMMON_LENGTH = 20;

const COMMON_FLAG_FCS = 0x0001;
const FCS_LENGTH = 4;

export interface PpiRecord {
  /** ppi.version, ppi.flags, ppi.length, ppi.dlt */
  version: number;
  flags: number;
  length: number;
  dlt: number;
  /** ppi.80211-common.* */
  common?: {
    tsft: string;
    flags: number;
    /** Mb/s */
    rate: number;
    chanFreq: number;
    chanFlags: number;
    dbmAntSignal: number;
    dbmAntNoise: number;
  };
  /** ppi.80211n-mac.flags, ppi.80211-mac-phy… as bytes. */
  fields: { type: number; length: number; data: string }[];
}

/** Offset of the body of the 802.11-Common field between `start` and the header's end, or −1. */
function commonField(b: Uint8Array, start: number, headerEnd: number): number {
  const align = (b[start + 1] & FLAG_ALIGN) !== 0;
  for (let at = start + FIXED; at + FIELD_HEADER <= headerEnd; ) {
    const length = u16le(b, at + 2);
    const body = at + FIELD_HEADER;
    if (body + length > headerEnd) return -1;
    if (u16le(b, at) === FIELD_80211_COMMON && length >= COMMON_LENGTH) return body;
    at = body + (align ? (length + 3) & -4 : length);
  }
  return -1;
}

/** Flags of the 802.11-Common field, or 0. The layer must have been dissected without a fault. */
export function ppiFlags(b: Uint8Array, start: number, headerEnd: number): number {
  const common = commonField(b, start, headerEnd);
  return common < 0 ? 0 : u16le(b, common + 8);
}

/** Per-packet information (CACE Technologies, PPI 1.0.7). */
export const ppi: Layer<PpiRecord> = {
  proto: Proto.ppi,
  dissect(d: Dissection, start: number, end: number): void {
    const b = d.frame;
    const available = end - start;
    if (available < FIXED) {
      d.truncated(Proto.ppi, start, FIXED, available);
      return;
    }
    const length = u16le(b, start + 2);
    if (b[start] !== 0) {
      d.malformed(Proto.ppi, start, 'version is not 0');
      return;
    }
    if (length < FIXED) {
      d.malformed(Proto.ppi, start + 2, 'length below the fixed part');
      return;
    }
    if (available < length) {
      d.truncated(Proto.ppi, start, length, available);
      return;
    }
    const headerEnd = start + length;
    const fcs = (ppiFlags(b, start, headerEnd) & COMMON_FLAG_FCS) !== 0 ? FCS_LENGTH : 0;
    const frameEnd = d.withoutFcs(headerEnd, end, fcs);
    d.push(Proto.ppi, start, headerEnd, frameEnd);
    const proto = protocolOfLinkType(u32le(b, start + 4));
    // PPI inside PPI has no use but to nest.
    if (proto !== Proto.ppi) d.next(proto, headerEnd, frameEnd);
  },
  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const headerEnd = d.headerEnd[i];
    const record: PpiRecord = {
      version: b[start],
      flags: b[start + 1],
      length: u16le(b, start + 2),
      dlt: u32le(b, start + 4),
      fields: [],
    };
    const at = commonField(b, start, headerEnd);
    if (at >= 0) {
      record.common = {
        tsft: u64le(b, at).toString(),
        flags: u16le(b, at + 8),
        rate: u16le(b, at + 10) / 2,
        chanFreq: u16le(b, at + 12),
        chanFlags: u16le(b, at + 14),
        dbmAntSignal: i8(b, at + 18),
        dbmAntNoise: i8(b, at + 19),
      };
    }
    const align = (record.flags & FLAG_ALIGN) !== 0;
    for (let o = start + FIXED; o + FIELD_HEADER <= headerEnd; ) {
      const type = u16le(b, o);
      const length = u16le(b, o + 2);
      const body = o + FIELD_HEADER;
      if (body + length > headerEnd) break;
      if (type !== FIELD_80211_COMMON)
        record.fields.push({ type, length, data: hex(b, body, body + length) });
      o = body + (align ? (length + 3) & -4 : length);
    }
    return record;
  },
};
