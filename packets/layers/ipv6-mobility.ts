/** Mobility header of Mobile IPv6: RFC 6275 §6.1. */
import { hex, u16 } from '../bytes.ts';
import { protocolInIpv6 } from '../ipproto.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import { extensionFits } from './ipv6-chain.ts';

export interface Ipv6MobilityRecord {
  /** 59, No Next Header, by the standard. */
  payloadProtocol: number;
  headerBytes: number;
  type: number;
  checksum: number;
  /** Message data, hexadecimal. */
  data: string;
}

export const ipv6Mobility: Layer<Ipv6MobilityRecord> = {
  proto: Proto.ipv6Mobility,

  dissect(d, start, end) {
    const b = d.frame;
    if (!extensionFits(d, Proto.ipv6Mobility, start, end, 8)) return;
    const length = (b[start + 1] + 1) * 8;
    if (!extensionFits(d, Proto.ipv6Mobility, start, end, length)) return;
    d.push(Proto.ipv6Mobility, start, start + length, end);
    d.next(protocolInIpv6[b[start]], start + length, end);
  },

  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    return {
      payloadProtocol: b[start],
      headerBytes: d.headerEnd[i] - start,
      type: b[start + 2],
      checksum: u16(b, start + 4),
      data: hex(b, start + 6, d.headerEnd[i]),
    };
  },
};
