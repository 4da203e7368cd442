import { u16 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import { type LldpRecord, lldpRecord } from './lldp-record.ts';
import { shortfall } from './lldp-shortfall.ts';

/** TLV types, IEEE 802.1AB-2016 table 8-1. */
export const LldpTlv = {
  end: 0,
  chassisId: 1,
  portId: 2,
  ttl: 3,
  portDescription: 4,
  systemName: 5,
  systemDescription: 6,
  capabilities: 7,
  managementAddress: 8,
  organisational: 127,
} as const;

export const TLV_HEADER = 2;

export const tlvType = (b: Uint8Array, at: number): number => b[at] >> 1;
export const tlvLength = (b: Uint8Array, at: number): number => u16(b, at) & 0x1ff;

/** Offset of the TLV behind the one at `at`, or −1 when that was the last whole one before `end`. */
export function nextTlv(b: Uint8Array, at: number, end: number): number {
  const next = at + TLV_HEADER + tlvLength(b, at);
  return next + TLV_HEADER <= end && next + TLV_HEADER + tlvLength(b, next) <= end ? next : -1;
}

/** Offset of the first whole TLV of `type` from `from` on, or −1; its value starts at `TLV_HEADER` behind. */
export function findTlv(b: Uint8Array, from: number, end: number, type: number): number {
  let at = from;
  if (at + TLV_HEADER > end || at + TLV_HEADER + tlvLength(b, at) > end) return -1;
  while (at >= 0 && tlvType(b, at) !== type) at = tlvType(b, at) === LldpTlv.end ? -1 : nextTlv(b, at, end);
  return at;
}

/** Fewest bytes of a value, by type; 802.1AB-2016 8.5. */
const SHORTEST = Uint8Array.of(0, 2, 2, 2, 0, 0, 0, 4, 9);

/**
 * Link layer discovery (IEEE 802.1AB-2016 clause 8). The layer ends behind its End TLV, so that what follows,
 * padding or worse, belongs to nobody.
 */
export const lldp: Layer<LldpRecord> = {
  proto: Proto.lldp,
  dissect(d: Dissection, start: number, end: number): void {
    const b = d.frame;
    let at = start;
    let index = 0;
    let short = -1;
    while (at < end) {
      if (at + TLV_HEADER > end) {
        d.push(Proto.lldp, start, at, at);
        d.truncated(Proto.lldp, at, TLV_HEADER, end - at);
        return;
      }
      const type = tlvType(b, at);
      const length = tlvLength(b, at);
      const next = at + TLV_HEADER + length;
      if (next > end) {
        d.push(Proto.lldp, start, at, at);
        d.truncated(Proto.lldp, at, TLV_HEADER + length, end - at);
        return;
      }
      // The first three are mandatory and in this order, 8.2; anything else is discarded by a receiver (9.2.7.7).
      if (index < LldpTlv.ttl && type !== index + 1) {
        d.push(Proto.lldp, start, at, at);
        d.malformed(Proto.lldp, at, 'chassis id, port id and time to live do not come first');
        return;
      }
      if (type < SHORTEST.length && length < SHORTEST[type]) {
        d.push(Proto.lldp, start, at, at);
        d.truncated(Proto.lldp, at + TLV_HEADER, SHORTEST[type], length);
        return;
      }
      if (short < 0 && shortfall(b, type, at + TLV_HEADER, next) > 0) short = at;
      at = next;
      index++;
      if (type === LldpTlv.end) break;
    }
    if (index === 0) {
      d.truncated(Proto.lldp, start, TLV_HEADER, 0);
      return;
    }
    d.push(Proto.lldp, start, at, at);
    if (index < LldpTlv.ttl) d.truncated(Proto.lldp, at, TLV_HEADER, end - at);
    else if (short >= 0) {
      const available = tlvLength(b, short);
      const value = short + TLV_HEADER;
      d.truncated(
        Proto.lldp,
        value,
        available + shortfall(b, tlvType(b, short), value, value + available),
        available,
      );
    }
  },
  record: (d, i) => lldpRecord(d.frame, d.start[i], d.end[i], d.frameStart),
};
