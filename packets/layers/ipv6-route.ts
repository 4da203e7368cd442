/** IPv6 Routing header: RFC 8200 §4.4; type 2 RFC 6275, type 3 RFC 6554, type 4 RFC 8754. */
import { hex, ipv6Text, u16 } from '../bytes.ts';
import { protocolInIpv6 } from '../ipproto.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import { extensionFits } from './ipv6-chain.ts';

export interface Ipv6RouteRecord {
  nextHeader: number;
  headerBytes: number;
  routingType: number;
  segmentsLeft: number;
  /** Types 0, 2 and 4, in the order of the header (type 4 lists the last segment first). */
  addresses: string[];
  /** Type 4. */
  lastEntry?: number;
  flags?: number;
  tag?: number;
  /** Types whose body is not a list of whole addresses: hexadecimal. */
  data?: string;
}

/** Offset of the address that the packet is finally for, or −1 when the IPv6 header already names it. */
export function finalDestination(b: Uint8Array, start: number, headerEnd: number): number {
  const type = b[start + 2];
  if (b[start + 3] === 0) return -1;
  if (type === 4) return headerEnd - start >= 24 ? start + 8 : -1;
  if (type !== 0 && type !== 2) return -1;
  return headerEnd - start >= 24 ? headerEnd - 16 : -1;
}

export const ipv6Route: Layer<Ipv6RouteRecord> = {
  proto: Proto.ipv6Route,

  dissect(d, start, end) {
    const b = d.frame;
    if (!extensionFits(d, Proto.ipv6Route, start, end, 8)) return;
    const length = (b[start + 1] + 1) * 8;
    if (!extensionFits(d, Proto.ipv6Route, start, end, length)) return;
    d.push(Proto.ipv6Route, start, start + length, end);
    d.next(protocolInIpv6[b[start]], start + length, end);
  },

  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const headerEnd = d.headerEnd[i];
    const routingType = b[start + 2];
    const record: Ipv6RouteRecord = {
      nextHeader: b[start],
      headerBytes: headerEnd - start,
      routingType,
      segmentsLeft: b[start + 3],
      addresses: [],
    };
    if (routingType !== 0 && routingType !== 2 && routingType !== 4) {
      record.data = hex(b, start + 4, headerEnd);
      return record;
    }
    let addressesEnd = headerEnd;
    if (routingType === 4) {
      record.lastEntry = b[start + 4];
      record.flags = b[start + 5];
      record.tag = u16(b, start + 6);
      // Optional TLVs may follow the segment list (RFC 8754 §2.1).
      addressesEnd = Math.min(headerEnd, start + 8 + 16 * (b[start + 4] + 1));
    }
    for (let at = start + 8; at + 16 <= addressesEnd; at += 16) record.addresses.push(ipv6Text(b, at));
    return record;
  },
};
