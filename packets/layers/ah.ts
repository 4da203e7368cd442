/** IPsec AH: RFC 4302 §2. */
import { hex, u32 } from '../bytes.ts';
import { protocolInIpv4, protocolInIpv6 } from '../ipproto.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import { chainHead, extensionFits } from './ipv6-chain.ts';

/** Up to the sequence number. */
const FIXED_BYTES = 12;
/** What a length field of 0 says: no sequence number. Such headers are seen, and receivers read past them. */
const LEAST_BYTES = 8;

export interface AhRecord {
  nextHeader: number;
  headerBytes: number;
  spi: number;
  /** Missing from a header of 8 bytes. */
  sequence?: number;
  /** Integrity check value, hexadecimal. */
  icv: string;
}

export const ah: Layer<AhRecord> = {
  proto: Proto.ah,

  dissect(d, start, end) {
    const b = d.frame;
    if (!extensionFits(d, Proto.ah, start, end, LEAST_BYTES)) return;
    // Counted in words of 4 bytes, minus 2.
    const length = (b[start + 1] + 2) * 4;
    if (!extensionFits(d, Proto.ah, start, end, length)) return;
    const inIpv6 = d.proto[chainHead(d, d.count)] === Proto.ipv6;
    d.push(Proto.ah, start, start + length, end);
    d.next((inIpv6 ? protocolInIpv6 : protocolInIpv4)[b[start]], start + length, end);
  },

  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    return {
      nextHeader: b[start],
      headerBytes: d.headerEnd[i] - start,
      spi: u32(b, start + 4),
      sequence: d.headerEnd[i] - start >= FIXED_BYTES ? u32(b, start + 8) : undefined,
      icv: hex(b, start + FIXED_BYTES, d.headerEnd[i]),
    };
  },
};
