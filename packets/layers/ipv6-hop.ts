/** IPv6 Hop-by-Hop Options: RFC 8200 §4.3, with the jumbo payload of RFC 2675. */
import { u32 } from '../bytes.ts';
import { protocolInIpv6 } from '../ipproto.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import { IPV6_BYTES, ipv6PayloadLength } from './ipv6.ts';
import { extensionFits } from './ipv6-chain.ts';
import { findIpv6Option, type Ipv6Option, ipv6Options, JUMBO_PAYLOAD } from './ipv6-options.ts';

export interface Ipv6OptionsRecord {
  nextHeader: number;
  headerBytes: number;
  options: Ipv6Option[];
}

const MAX_PLAIN_PAYLOAD = 65_535;

/** End of a jumbogram whose IPv6 header starts at `ipv6Start`, or −1 when the option is missing or wrong. */
function jumboEnd(b: Uint8Array, ipv6Start: number, start: number, headerEnd: number): number {
  const option = findIpv6Option(b, start + 2, headerEnd, JUMBO_PAYLOAD);
  if (option < 0 || b[option + 1] !== 4) return -1;
  const length = u32(b, option + 2);
  return length <= MAX_PLAIN_PAYLOAD ? -1 : ipv6Start + IPV6_BYTES + length;
}

export const ipv6Hop: Layer<Ipv6OptionsRecord> = {
  proto: Proto.ipv6Hop,

  dissect(d, start, end) {
    const b = d.frame;
    if (!extensionFits(d, Proto.ipv6Hop, start, end, 8)) return;
    const length = (b[start + 1] + 1) * 8;
    if (!extensionFits(d, Proto.ipv6Hop, start, end, length)) return;
    const headerEnd = start + length;
    let packetEnd = end;
    const ipv6Layer = d.count - 1;
    if (ipv6PayloadLength(b, d.start[ipv6Layer]) === 0) {
      const jumbo = jumboEnd(b, d.start[ipv6Layer], start, headerEnd);
      if (jumbo < 0) return d.malformed(Proto.ipv6Hop, start, 'payload length 0 without a jumbo payload');
      packetEnd = Math.min(end, jumbo);
      d.end[ipv6Layer] = packetEnd;
    }
    d.push(Proto.ipv6Hop, start, headerEnd, packetEnd);
    d.next(protocolInIpv6[b[start]], headerEnd, packetEnd);
  },

  record: (d, i) => ({
    nextHeader: d.frame[d.start[i]],
    headerBytes: d.headerEnd[i] - d.start[i],
    options: ipv6Options(d.frame, d.start[i] + 2, d.headerEnd[i]),
  }),
};
