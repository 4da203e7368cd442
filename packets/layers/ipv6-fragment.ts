/** IPv6 Fragment header: RFC 8200 §4.5; a lone "atomic" one (RFC 6946) changes nothing. No reassembly. */
import { u16, u32 } from '../bytes.ts';
import { protocolInIpv6 } from '../ipproto.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import { extensionFits } from './ipv6-chain.ts';

export interface Ipv6FragmentRecord {
  nextHeader: number;
  /** Bytes. */
  fragmentOffset: number;
  moreFragments: boolean;
  identification: number;
}

const BYTES = 8;

export const ipv6Fragment: Layer<Ipv6FragmentRecord> = {
  proto: Proto.ipv6Fragment,

  dissect(d, start, end) {
    const b = d.frame;
    if (!extensionFits(d, Proto.ipv6Fragment, start, end, BYTES)) return;
    d.push(Proto.ipv6Fragment, start, start + BYTES, end);
    const field = u16(b, start + 2);
    if ((field & 0xfff8) !== 0) return; // not the first: no further header here
    if ((field & 1) !== 0) d.firstFragment = true;
    d.next(protocolInIpv6[b[start]], start + BYTES, end);
  },

  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    return {
      nextHeader: b[start],
      // The offset counts 8-byte units in the upper 13 bits, so masking leaves bytes.
      fragmentOffset: u16(b, start + 2) & 0xfff8,
      moreFragments: (b[start + 3] & 1) !== 0,
      identification: u32(b, start + 4),
    };
  },
};
