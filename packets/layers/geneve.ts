/** Geneve: RFC 8926 §3.4. */
import { hex, u16, u24 } from '../bytes.ts';
import { protocolOfEtherType } from '../ethertype.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

const FIXED_BYTES = 8;
const OAM = 0x80;

export interface GeneveOption {
  class: number;
  type: number;
  critical: boolean;
  /** Hexadecimal. */
  data: string;
}

export interface GeneveRecord {
  version: number;
  oam: boolean;
  critical: boolean;
  protocolType: number;
  vni: number;
  options: GeneveOption[];
}

/** End of the option at `at`, or −1 when its length lies. */
export function geneveOptionEnd(b: Uint8Array, at: number, end: number): number {
  if (at + 4 > end) return -1;
  const next = at + 4 + (b[at + 3] & 31) * 4;
  return next > end ? -1 : next;
}

export const geneve: Layer<GeneveRecord> = {
  proto: Proto.geneve,

  dissect(d, start, end) {
    const b = d.frame;
    if (end - start < FIXED_BYTES) return;
    // Version 0 and zero reserved bits, else the port was a wrong guess.
    if (b[start] >> 6 !== 0 || (b[start + 1] & 0x3f) !== 0 || b[start + 7] !== 0) return;
    const length = FIXED_BYTES + (b[start] & 0x3f) * 4;
    if (end - start < length) return d.truncated(Proto.geneve, start, length, end - start);
    d.push(Proto.geneve, start, start + length, end);
    if ((b[start + 1] & OAM) !== 0) return; // a control message, no tenant frame
    d.next(protocolOfEtherType(u16(b, start + 2)), start + length, end);
  },

  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const options: GeneveOption[] = [];
    for (let at = start + FIXED_BYTES; at < d.headerEnd[i]; ) {
      const next = geneveOptionEnd(b, at, d.headerEnd[i]);
      if (next < 0) break;
      options.push({
        class: u16(b, at),
        type: b[at + 2] & 0x7f,
        critical: (b[at + 2] & 0x80) !== 0,
        data: hex(b, at + 4, next),
      });
      at = next;
    }
    return {
      version: b[start] >> 6,
      oam: (b[start + 1] & OAM) !== 0,
      critical: (b[start + 1] & 0x40) !== 0,
      protocolType: u16(b, start + 2),
      vni: u24(b, start + 4),
      options,
    };
  },
};
