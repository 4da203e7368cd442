import { hex, ipv4Text, macText, text, u16, u32 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

const HEADER = 16;
const TLV_HEADER = 4;
const MARKER = 0x99;

const Tlv = { end: 0, display: 1, info: 2, vlan: 5 } as const;

export interface EdpRecord {
  /** edp.version, edp.length, edp.checksum, edp.seqno */
  version: number;
  length: number;
  checksum: number;
  sequence: number;
  /** edp.midtype and edp.midmac: 0 is a MAC address. */
  idType: number;
  id: string;
  /** edp.display.string */
  displayName?: string;
  /** edp.info.slot, edp.info.port as printed on the device, one more than sent; edp.info.version as the bytes stand. */
  slot?: number;
  port?: number;
  softwareVersion?: number;
  /** edp.vlan.id, edp.vlan.ip, edp.vlan.name */
  vlans: { id: number; address: string; name: string }[];
  unknown: { type: number; data: string }[];
}

/** Extreme discovery, over SNAP 00-E0-2B/00BB, by the layout that lldpd and Wireshark agree on. */
export const edp: Layer<EdpRecord> = {
  proto: Proto.edp,
  dissect(d: Dissection, start: number, end: number): void {
    const b = d.frame;
    const available = end - start;
    if (available < HEADER) {
      d.truncated(Proto.edp, start, HEADER, available);
      return;
    }
    const length = u16(b, start + 2);
    if (length < HEADER) {
      d.malformed(Proto.edp, start + 2, 'length below the header');
      return;
    }
    const declared = Math.min(end, start + length);
    let at = start + HEADER;
    while (at < declared) {
      const needed = at + TLV_HEADER > declared ? TLV_HEADER : u16(b, at + 2);
      if (at + TLV_HEADER <= declared && (b[at] !== MARKER || needed < TLV_HEADER)) {
        d.push(Proto.edp, start, start + HEADER, at);
        d.malformed(Proto.edp, at, 'no TLV marker, or a length below the TLV header');
        return;
      }
      if (at + needed > declared) {
        d.push(Proto.edp, start, start + HEADER, at);
        d.truncated(Proto.edp, at, needed, declared - at);
        return;
      }
      const type = b[at + 1];
      at += needed;
      if (type === Tlv.end) break;
    }
    d.push(Proto.edp, start, start + HEADER, at);
  },
  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const end = d.end[i];
    const record: EdpRecord = {
      version: b[start],
      length: u16(b, start + 2),
      checksum: u16(b, start + 4),
      sequence: u16(b, start + 6),
      idType: u16(b, start + 8),
      id: macText(b, start + 10),
      vlans: [],
      unknown: [],
    };
    for (let at = start + HEADER; at + TLV_HEADER <= end; ) {
      const next = at + u16(b, at + 2);
      if (next < at + TLV_HEADER || next > end || b[at + 1] === Tlv.end) break;
      readTlv(record, b[at + 1], b, at + TLV_HEADER, next);
      at = next;
    }
    return record;
  },
};

/** Names end at a NUL; real devices send what lay behind them in memory as well. */
function nameOf(b: Uint8Array, from: number, to: number): string {
  let end = from;
  while (end < to && b[end] !== 0) end++;
  return text(b, from, end);
}

function readTlv(record: EdpRecord, type: number, b: Uint8Array, from: number, to: number): void {
  const length = to - from;
  if (type === Tlv.display) record.displayName ??= nameOf(b, from, to);
  else if (type === Tlv.info && length >= 16) {
    record.slot ??= u16(b, from) + 1;
    record.port ??= u16(b, from + 2) + 1;
    record.softwareVersion ??= u32(b, from + 12);
  } else if (type === Tlv.vlan && length >= 12) {
    record.vlans.push({
      id: u16(b, from + 2),
      address: ipv4Text(b, from + 8),
      name: nameOf(b, from + 12, to),
    });
  } else record.unknown.push({ type, data: hex(b, from, to) });
}
