/** IPv4: RFC 791, with the DSCP and ECN of RFC 2474 and RFC 3168. Nothing here reassembles fragments. */
import { hex, ipv4Text, u16 } from '../bytes.ts';
import { protocolInIpv4 } from '../ipproto.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

/** Offsets of the addresses from the start of the header. */
export const IPV4_SOURCE = 12;
export const IPV4_DESTINATION = 16;
const FIXED_BYTES = 20;

export const ipv4HeaderBytes = (b: Uint8Array, start: number): number => (b[start] & 0x0f) * 4;
export const ipv4Protocol = (b: Uint8Array, start: number): number => b[start + 9];
/** Bytes that this fragment lies behind the packet's first payload byte. */
export const ipv4FragmentOffset = (b: Uint8Array, start: number): number => (u16(b, start + 6) & 0x1fff) * 8;
export const ipv4MoreFragments = (b: Uint8Array, start: number): boolean => (b[start + 6] & 0x20) !== 0;

/**
 * End of the option at `at`, or −1 when its length lies. Walk options with it from `start` + 20 to the end of
 * the header.
 */
export function ipv4OptionEnd(b: Uint8Array, at: number, end: number): number {
  if (b[at] <= 1) return at + 1; // End of Options and No Operation are one byte
  if (at + 1 >= end) return -1;
  const next = at + b[at + 1];
  return b[at + 1] < 2 || next > end ? -1 : next;
}

export interface Ipv4Option {
  type: number;
  name: string;
  /** Hexadecimal, without type and length. */
  data: string;
  /** Record route and source routes. */
  addresses?: string[];
}

export interface Ipv4Record {
  headerBytes: number;
  dscp: number;
  ecn: number;
  /** As sent; 0 in a captured segment that the sender's NIC has yet to cut. */
  totalLength: number;
  identification: number;
  dontFragment: boolean;
  moreFragments: boolean;
  /** Bytes. */
  fragmentOffset: number;
  ttl: number;
  protocol: number;
  checksum: number;
  source: string;
  destination: string;
  options: Ipv4Option[];
}

const OPTION_NAMES: Readonly<Record<number, string>> = {
  0: 'end',
  1: 'nop',
  7: 'recordRoute',
  68: 'timestamp',
  130: 'security',
  131: 'looseSourceRoute',
  134: 'commercialSecurity',
  136: 'streamId',
  137: 'strictSourceRoute',
  148: 'routerAlert',
};
const ROUTES = new Set([7, 131, 137]);

function options(b: Uint8Array, start: number, end: number): Ipv4Option[] {
  const found: Ipv4Option[] = [];
  for (let at = start; at < end; ) {
    const next = ipv4OptionEnd(b, at, end);
    if (next < 0) break;
    const type = b[at];
    const option: Ipv4Option = {
      type,
      name: OPTION_NAMES[type] ?? 'unknown',
      data: type <= 1 ? '' : hex(b, at + 2, next),
    };
    if (ROUTES.has(type)) {
      option.addresses = [];
      for (let a = at + 3; a + 4 <= next; a += 4) option.addresses.push(ipv4Text(b, a));
    }
    found.push(option);
    if (type === 0) break;
    at = next;
  }
  return found;
}

/** All fields of the header at `start`; it is whole before `headerEnd`. */
export function ipv4Fields(b: Uint8Array, start: number, headerEnd: number): Ipv4Record {
  return {
    headerBytes: ipv4HeaderBytes(b, start),
    dscp: b[start + 1] >> 2,
    ecn: b[start + 1] & 3,
    totalLength: u16(b, start + 2),
    identification: u16(b, start + 4),
    dontFragment: (b[start + 6] & 0x40) !== 0,
    moreFragments: ipv4MoreFragments(b, start),
    fragmentOffset: ipv4FragmentOffset(b, start),
    ttl: b[start + 8],
    protocol: b[start + 9],
    checksum: u16(b, start + 10),
    source: ipv4Text(b, start + IPV4_SOURCE),
    destination: ipv4Text(b, start + IPV4_DESTINATION),
    options: options(b, start + FIXED_BYTES, headerEnd),
  };
}

export const ipv4: Layer<Ipv4Record> = {
  proto: Proto.ipv4,

  dissect(d, start, end) {
    const b = d.frame;
    const available = end - start;
    if (available < FIXED_BYTES) return d.truncated(Proto.ipv4, start, FIXED_BYTES, available);
    if (b[start] >> 4 !== 4) return d.malformed(Proto.ipv4, start, 'version is not 4');
    const headerBytes = ipv4HeaderBytes(b, start);
    if (headerBytes < FIXED_BYTES) return d.malformed(Proto.ipv4, start, 'header length below 20');
    if (available < headerBytes) return d.truncated(Proto.ipv4, start, headerBytes, available);
    const totalLength = u16(b, start + 2);
    if (totalLength !== 0 && totalLength < headerBytes) {
      return d.malformed(Proto.ipv4, start + 2, 'total length is less than the header');
    }
    // Total length 0: captured on the sender before its NIC segmented (TSO), so the capture bounds it.
    const packetEnd = totalLength === 0 ? end : Math.min(end, start + totalLength);
    const headerEnd = start + headerBytes;
    d.push(Proto.ipv4, start, headerEnd, packetEnd);
    const fragment = u16(b, start + 6);
    if ((fragment & 0x1fff) !== 0) return; // not the first: no transport header here
    if ((fragment & 0x2000) !== 0) d.firstFragment = true;
    d.next(protocolInIpv4[b[start + 9]], headerEnd, packetEnd);
  },

  record: (d, i) => ipv4Fields(d.frame, d.start[i], d.headerEnd[i]),
};
