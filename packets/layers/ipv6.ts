/** IPv6: RFC 8200; jumbograms: RFC 2675. */
import { ipv6Text, u16 } from '../bytes.ts';
import { IpProto, protocolInIpv6 } from '../ipproto.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

/** Offsets of the addresses from the start of the header. */
export const IPV6_SOURCE = 8;
export const IPV6_DESTINATION = 24;
export const IPV6_BYTES = 40;

/** 0 in a jumbogram. */
export const ipv6PayloadLength = (b: Uint8Array, start: number): number => u16(b, start + 4);
export const ipv6NextHeader = (b: Uint8Array, start: number): number => b[start + 6];

export interface Ipv6Record {
  trafficClass: number;
  dscp: number;
  ecn: number;
  flowLabel: number;
  payloadLength: number;
  nextHeader: number;
  hopLimit: number;
  source: string;
  destination: string;
}

export function ipv6Fields(b: Uint8Array, start: number): Ipv6Record {
  const trafficClass = ((b[start] & 0x0f) << 4) | (b[start + 1] >> 4);
  return {
    trafficClass,
    dscp: trafficClass >> 2,
    ecn: trafficClass & 3,
    flowLabel: ((b[start + 1] & 0x0f) << 16) | u16(b, start + 2),
    payloadLength: ipv6PayloadLength(b, start),
    nextHeader: ipv6NextHeader(b, start),
    hopLimit: b[start + 7],
    source: ipv6Text(b, start + IPV6_SOURCE),
    destination: ipv6Text(b, start + IPV6_DESTINATION),
  };
}

export const ipv6: Layer<Ipv6Record> = {
  proto: Proto.ipv6,

  dissect(d, start, end) {
    const b = d.frame;
    if (end - start < IPV6_BYTES) return d.truncated(Proto.ipv6, start, IPV6_BYTES, end - start);
    if (b[start] >> 4 !== 6) return d.malformed(Proto.ipv6, start, 'version is not 6');
    const headerEnd = start + IPV6_BYTES;
    const payloadLength = u16(b, start + 4);
    if (b[start + 6] === IpProto.hopByHop) {
      // With payload length 0 the Hop-by-Hop header holds the true length, or is wrong (RFC 2675 §3).
      const packetEnd = payloadLength === 0 ? end : Math.min(end, headerEnd + payloadLength);
      d.push(Proto.ipv6, start, headerEnd, packetEnd);
      d.next(Proto.ipv6Hop, headerEnd, packetEnd);
      return;
    }
    const packetEnd = Math.min(end, headerEnd + payloadLength);
    d.push(Proto.ipv6, start, headerEnd, packetEnd);
    d.next(protocolInIpv6[b[start + 6]], headerEnd, packetEnd);
  },

  record: (d, i) => ipv6Fields(d.frame, d.start[i]),
};
