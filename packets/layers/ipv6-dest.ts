/** IPv6 Destination Options: RFC 8200 §4.6. */
import { protocolInIpv6 } from '../ipproto.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import { extensionFits } from './ipv6-chain.ts';
import type { Ipv6OptionsRecord } from './ipv6-hop.ts';
import { ipv6Options } from './ipv6-options.ts';

export const ipv6Dest: Layer<Ipv6OptionsRecord> = {
  proto: Proto.ipv6Dest,

  dissect(d, start, end) {
    const b = d.frame;
    if (!extensionFits(d, Proto.ipv6Dest, start, end, 8)) return;
    const length = (b[start + 1] + 1) * 8;
    if (!extensionFits(d, Proto.ipv6Dest, start, end, length)) return;
    d.push(Proto.ipv6Dest, start, start + length, end);
    d.next(protocolInIpv6[b[start]], start + length, end);
  },

  record: (d, i) => ({
    nextHeader: d.frame[d.start[i]],
    headerBytes: d.headerEnd[i] - d.start[i],
    options: ipv6Options(d.frame, d.start[i] + 2, d.headerEnd[i]),
  }),
};
