import { u16, u24 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

const ENTRY = 4;

export interface MplsRecord {
  /** mpls.label, mpls.exp, mpls.bottom, mpls.ttl */
  label: number;
  exp: number;
  bottom: boolean;
  ttl: number;
}

/**
 * One label stack entry (RFC 3032 2.1). Nothing names what follows the bottom one: it is taken for IP when its
 * version says so (RFC 4928 3), and for nothing otherwise, pseudowires included.
 */
export const mpls: Layer<MplsRecord> = {
  proto: Proto.mpls,
  dissect(d: Dissection, start: number, end: number): void {
    if (end - start < ENTRY) {
      d.truncated(Proto.mpls, start, ENTRY, end - start);
      return;
    }
    const payload = start + ENTRY;
    d.push(Proto.mpls, start, payload, end);
    if ((d.frame[start + 2] & 1) === 0) {
      d.next(Proto.mpls, payload, end);
      return;
    }
    if (payload >= end) return;
    const version = d.frame[payload] >> 4;
    if (version === 4) d.next(Proto.ipv4, payload, end);
    else if (version === 6) d.next(Proto.ipv6, payload, end);
  },
  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    return {
      label: (u16(b, start) << 4) | (b[start + 2] >> 4),
      exp: (u24(b, start) >> 1) & 7,
      bottom: (b[start + 2] & 1) !== 0,
      ttl: b[start + 3],
    };
  },
};
