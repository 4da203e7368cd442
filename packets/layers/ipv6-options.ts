/** The type-length-value options of Hop-by-Hop and Destination Options headers: RFC 8200 §4.2. */
import { hex } from '../bytes.ts';

const PAD1 = 0;
export const PADN = 1;
export const JUMBO_PAYLOAD = 0xc2;

/** End of the option at `at`, or −1 when its length lies. */
export function ipv6OptionEnd(b: Uint8Array, at: number, end: number): number {
  if (b[at] === PAD1) return at + 1;
  if (at + 1 >= end) return -1;
  const next = at + 2 + b[at + 1];
  return next > end ? -1 : next;
}

/** Offset of the first option of `type` between `at` and `end`, or −1. */
export function findIpv6Option(b: Uint8Array, at: number, end: number, type: number): number {
  let here = at;
  while (here >= 0 && here < end) {
    if (b[here] === type) return ipv6OptionEnd(b, here, end) < 0 ? -1 : here;
    here = ipv6OptionEnd(b, here, end);
  }
  return -1;
}

export interface Ipv6Option {
  type: number;
  name: string;
  /** Hexadecimal, without type and length. */
  data: string;
}

const NAMES: Readonly<Record<number, string>> = {
  0: 'pad1',
  1: 'padN',
  4: 'tunnelEncapsulationLimit',
  5: 'routerAlert',
  7: 'calipso',
  8: 'smfDpd',
  15: 'pdm',
  34: 'minimumPathMtu',
  99: 'rpl',
  194: 'jumboPayload',
  201: 'homeAddress',
};

export function ipv6Options(b: Uint8Array, start: number, end: number): Ipv6Option[] {
  const found: Ipv6Option[] = [];
  for (let at = start; at < end; ) {
    const next = ipv6OptionEnd(b, at, end);
    if (next < 0) break;
    const type = b[at];
    found.push({ type, name: NAMES[type] ?? 'unknown', data: type === PAD1 ? '' : hex(b, at + 2, next) });
    at = next;
  }
  return found;
}
