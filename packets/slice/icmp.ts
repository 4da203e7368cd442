import { u16 } from '../bytes.ts';
import { IpProto } from '../ipproto.ts';
import { extensions, IPV6_FIXED, zeroIpv4Options } from './ip.ts';
import { Cut, type Walk, Zeroed } from './walk.ts';

const HEADER = 8;
const PORTS = 4;

/** Types whose first eight bytes are header (RFC 792, 950, 1256); of others the type alone is. */
const KNOWN = bits(0, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 17, 18);
const ERRORS = bits(3, 4, 5, 11, 12);

/** A set of numbers below 32. */
function bits(...members: readonly number[]): number {
  return members.reduce((set, member) => set | (1 << member), 0);
}
const isIn = (set: number, type: number): boolean => type < 32 && ((set >>> type) & 1) !== 0;

/** ICMP (RFC 792); of the packet that an error quotes the headers are kept, and never more than the ports. */
export function icmp(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (!w.has(start, HEADER, end)) return;
  const known = isIn(KNOWN, b[start]);
  const headerEnd = start + (known ? HEADER : 2);
  if (headerEnd < end || w.firstFragment) w.zero(start + 2, start + 4, Zeroed.checksum);
  if (!w.keepTo(headerEnd)) return;
  if (headerEnd < end) w.stop(known ? Cut.payload : Cut.unknown);
  if (isIn(ERRORS, b[start])) quotedIpv4(w, start + HEADER, end);
}

function quotedIpv4(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (start === end || !w.has(start, 20, end)) return;
  const headerEnd = start + (b[start] & 0x0f) * 4;
  const fragment = u16(b, start + 6);
  if (b[start] >> 4 !== 4 || headerEnd < start + 20 || (fragment & 0x8000) !== 0) {
    w.stop(Cut.malformed);
    return;
  }
  if (!w.has(start, headerEnd - start, end)) return;
  if (zeroIpv4Options(w, start + 20, headerEnd)) w.zero(start + 10, start + 12, Zeroed.checksum);
  if (!w.keepTo(headerEnd)) return;
  w.stop(Cut.payload);
  if ((fragment & 0x1fff) === 0) quotedTransport(w, b[start + 9], headerEnd, end);
}

/** Ports; sequence numbers and the checksum of what is not here are cut. */
function quotedTransport(w: Walk, protocol: number, start: number, end: number): void {
  switch (protocol) {
    case IpProto.tcp:
    case IpProto.udp:
    case IpProto.sctp:
    case IpProto.udpLite:
      if (start < end && w.has(start, PORTS, end) && w.keepTo(start + PORTS)) w.stop(Cut.payload);
  }
}

const ECHO_REQUEST = 128;
const ECHO_REPLY = 129;
const MLD_QUERY = 130;
const MLD_REPORT = 131;
const MLD_DONE = 132;
const ROUTER_SOLICITATION = 133;
const ROUTER_ADVERTISEMENT = 134;
const NEIGHBOR_SOLICITATION = 135;
const NEIGHBOR_ADVERTISEMENT = 136;
const REDIRECT = 137;
const MLD2_REPORT = 143;

/** Length of the fixed part by type (RFC 4443, 4861, 2710, 3810). */
function fixedLength(type: number): number {
  switch (type) {
    case 1:
    case 2:
    case 3:
    case 4:
    case ECHO_REQUEST:
    case ECHO_REPLY:
    case ROUTER_SOLICITATION:
    case MLD2_REPORT:
      return HEADER;
    case ROUTER_ADVERTISEMENT:
      return 16;
    case MLD_QUERY:
    case MLD_REPORT:
    case MLD_DONE:
    case NEIGHBOR_SOLICITATION:
    case NEIGHBOR_ADVERTISEMENT:
      return 24;
    case REDIRECT:
      return 40;
    default:
      return 2;
  }
}

/** ICMPv6 with neighbour discovery and multicast listeners. */
export function icmpv6(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (!w.has(start, 4, end)) return;
  const type = b[start];
  const fixedEnd = start + fixedLength(type);
  if (!w.has(start, fixedEnd - start, end)) return;
  // Whether all behind the fixed part will be kept is not known yet, and the sum covers it.
  if (fixedEnd < end || w.firstFragment) w.zero(start + 2, start + 4, Zeroed.checksum);
  if (!w.keepTo(fixedEnd)) return;
  if (fixedEnd < end) w.stop(Cut.payload);
  switch (type) {
    case 1:
    case 2:
    case 3:
    case 4:
      quotedIpv6(w, fixedEnd, end);
      return;
    case ROUTER_SOLICITATION:
    case ROUTER_ADVERTISEMENT:
    case NEIGHBOR_SOLICITATION:
    case NEIGHBOR_ADVERTISEMENT:
    case REDIRECT:
      neighborOptions(w, fixedEnd, end);
      return;
    case MLD_QUERY:
      if (end - start >= 28) sources(w, start + 24, u16OrZero(w, start + 26), 16, end);
      return;
    case MLD2_REPORT:
      records(w, start + HEADER, u16(b, start + 6), 16, end);
  }
}

const u16OrZero = (w: Walk, at: number): number => (at + 2 <= w.cap ? u16(w.b, at) : 0);

function quotedIpv6(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (start === end || !w.has(start, IPV6_FIXED, end)) return;
  if (b[start] >> 4 !== 6) {
    w.stop(Cut.malformed);
    return;
  }
  if (!w.keepTo(start + IPV6_FIXED)) return;
  const transport = extensions(w, b[start + 6], start + IPV6_FIXED, end);
  if (transport >= 0) quotedTransport(w, w.extensionNext, transport, end);
}

const LINK_ADDRESS_SOURCE = 1;
const LINK_ADDRESS_TARGET = 2;
const PREFIX = 3;
const MTU = 5;
const DNS_SERVERS = 25;
const DNS_SEARCH = 31;

function neighborOptions(w: Walk, start: number, end: number): void {
  const b = w.b;
  for (let i = start; i < end; ) {
    if (!w.has(i, 2, end)) return;
    const units = b[i + 1];
    const optionEnd = i + units * 8;
    if (units === 0) {
      w.stop(Cut.malformed);
      return;
    }
    if (!w.has(i, units * 8, end)) return;
    if (!mayKeepNeighborOption(w, b[i], units)) w.zero(i + 2, optionEnd, Zeroed.parameters);
    if (!w.keepTo(optionEnd)) return;
    i = optionEnd;
  }
  w.stop(Cut.none);
}

/** By type and exact length in units of eight bytes (RFC 4861 §4.6, RFC 8106 §5). */
function mayKeepNeighborOption(w: Walk, type: number, units: number): boolean {
  switch (type) {
    case LINK_ADDRESS_SOURCE:
    case LINK_ADDRESS_TARGET:
    case MTU:
      return units === 1;
    case PREFIX:
      return units === 4;
    case DNS_SERVERS:
    case DNS_SEARCH:
      return w.controlDns;
    default:
      return false;
  }
}

/** Source addresses of a multicast query, behind `start`. */
function sources(w: Walk, start: number, count: number, addressLength: number, end: number): void {
  const length = 4 + count * addressLength;
  if (w.has(start, length, end) && w.keepTo(start + length)) {
    w.stop(start + length < end ? Cut.payload : Cut.none);
  }
}

/** Group records of a multicast report (RFC 3376 §4.2, RFC 3810 §5.2); auxiliary data is zeroed. */
export function records(w: Walk, start: number, count: number, addressLength: number, end: number): void {
  const b = w.b;
  let at = start;
  for (let i = 0; i < count; i++) {
    if (!w.has(at, 4 + addressLength, end)) return;
    const addressesEnd = at + 4 + addressLength * (1 + u16(b, at + 2));
    const recordEnd = addressesEnd + b[at + 1] * 4;
    if (!w.has(at, recordEnd - at, end)) return;
    w.zero(addressesEnd, recordEnd, Zeroed.parameters);
    if (!w.keepTo(recordEnd)) return;
    at = recordEnd;
  }
  w.stop(at < end ? Cut.payload : Cut.none);
}

const IGMP_HEADER = 8;
const IGMP_QUERY = 0x11;
const IGMP_V3_QUERY_MIN = 12;
const IGMP_V3_REPORT = 0x22;
const IGMP_EIGHT_BYTES: ReadonlySet<number> = new Set([IGMP_QUERY, 0x12, 0x16, 0x17, IGMP_V3_REPORT]);

/** IGMP (RFC 1112, 2236, 3376). */
export function igmp(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (!w.has(start, IGMP_HEADER, end)) return;
  const type = b[start];
  if (!IGMP_EIGHT_BYTES.has(type)) {
    w.stop(Cut.unknown);
    return;
  }
  if (start + IGMP_HEADER < end || w.firstFragment) w.zero(start + 2, start + 4, Zeroed.checksum);
  if (!w.keepTo(start + IGMP_HEADER)) return;
  if (start + IGMP_HEADER < end) w.stop(Cut.payload);
  if (type === IGMP_V3_REPORT) records(w, start + IGMP_HEADER, u16(b, start + 6), 4, end);
  else if (type === IGMP_QUERY && end - start >= IGMP_V3_QUERY_MIN) {
    sources(w, start + IGMP_HEADER, u16OrZero(w, start + 10), 4, end);
  }
}
