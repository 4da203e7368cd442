import { u16 } from '../bytes.ts';
import { IpProto } from '../ipproto.ts';
import { transportOf } from './next.ts';
import { Cut, type Walk, Zeroed } from './walk.ts';

const IPV4_FIXED = 20;
export const IPV6_FIXED = 40;
const MAX_EXTENSIONS = 8;
/** Smallest Ethernet payload (IEEE 802.3 3.2.7): up to here bytes behind a packet may be padding. */
const MIN_ETHERNET_PAYLOAD = 46;

/** IPv4 (RFC 791). */
export function ipv4(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (!w.has(start, IPV4_FIXED, end)) return;
  const headerEnd = start + (b[start] & 0x0f) * 4;
  const totalLength = u16(b, start + 2);
  // A total length of 0 is what segmentation offload leaves in captures on the sending host.
  const packetEnd = totalLength === 0 ? end : start + totalLength;
  const fragment = u16(b, start + 6);
  if (
    b[start] >> 4 !== 4 ||
    headerEnd < start + IPV4_FIXED ||
    packetEnd < headerEnd ||
    (packetEnd > end && !w.firstFragment) ||
    (fragment & 0x8000) !== 0
  ) {
    w.stop(Cut.malformed);
    return;
  }
  if (!w.has(start, headerEnd - start, end)) return;
  if (w.guessing) {
    // Not with options: they may be zeroed, and then the checksum would not hold a second time.
    if (totalLength === 0 || headerEnd !== start + IPV4_FIXED || !headerSumHolds(b, start)) return;
    w.confirm();
  }
  if (headerEnd > start + IPV4_FIXED && zeroIpv4Options(w, start + IPV4_FIXED, headerEnd)) {
    w.zero(start + 10, start + 12, Zeroed.checksum);
  }
  if (!w.keepTo(headerEnd)) return;
  if ((fragment & 0x1fff) !== 0) {
    w.stop(Cut.fragment);
    return;
  }
  if ((fragment & 0x2000) !== 0 || totalLength === 0) w.firstFragment = true;
  transportOf(w, b[start + 9], headerEnd, packetEnd);
}

function headerSumHolds(b: Uint8Array, start: number): boolean {
  let sum = 0;
  for (let i = start; i < start + IPV4_FIXED; i += 2) sum += u16(b, i);
  sum = (sum & 0xffff) + (sum >> 16);
  return (sum & 0xffff) + (sum >> 16) === 0xffff;
}

const OPTION_END = 0;
const OPTION_NOP = 1;
const OPTION_ROUTER_ALERT = 148;

/** Route recordings, time stamps and unknown options are zeroed behind type and length; whether any was. */
export function zeroIpv4Options(w: Walk, start: number, end: number): boolean {
  const b = w.b;
  const before = w.zeroCount;
  for (let i = start; i < end; ) {
    const type = b[i];
    if (type === OPTION_NOP) {
      i++;
      continue;
    }
    const length = i + 1 < end ? b[i + 1] : 0;
    if (type === OPTION_END || length < 2 || i + length > end) {
      w.zero(type === OPTION_END ? i + 1 : i, end, Zeroed.ipOptions);
      break;
    }
    if (type !== OPTION_ROUTER_ALERT || length !== 4) w.zero(i + 2, i + length, Zeroed.ipOptions);
    i += length;
  }
  return w.zeroCount > before;
}

/** IPv6 (RFC 8200) with its extension headers. */
export function ipv6(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (!w.has(start, IPV6_FIXED, end)) return;
  const headerEnd = start + IPV6_FIXED;
  const packetEnd = headerEnd + u16(b, start + 4);
  if (b[start] >> 4 !== 6 || (packetEnd > end && !w.firstFragment)) {
    w.stop(Cut.malformed);
    return;
  }
  if (w.guessing) {
    if (packetEnd !== end && end - start > MIN_ETHERNET_PAYLOAD) return;
    w.confirm();
  }
  if (!w.keepTo(headerEnd)) return;
  const transport = extensions(w, b[start + 6], headerEnd, packetEnd);
  if (transport >= 0) transportOf(w, w.extensionNext, transport, packetEnd);
}

/**
 * Walks extension headers from `start`; returns where the transport header begins, with its protocol in
 * `w.extensionNext`, or −1 when the walk ends here. A jumbogram declares no length and so ends at its header.
 */
export function extensions(w: Walk, first: number, start: number, end: number): number {
  const b = w.b;
  let next = first;
  let at = start;
  for (let count = 0; count <= MAX_EXTENSIONS; count++) {
    switch (next) {
      case IpProto.hopByHop:
        // Only directly behind the fixed header (RFC 8200 §4.1).
        if (count > 0) {
          w.stop(Cut.malformed);
          return -1;
        }
        break;
      case IpProto.ipv6Destination:
      case IpProto.ipv6Route:
      case IpProto.ipv6Fragment:
      case IpProto.mobility:
        break;
      case IpProto.noNext:
        w.stop(at < end ? Cut.payload : Cut.none);
        return -1;
      default:
        w.extensionNext = next;
        return at;
    }
    if (count === MAX_EXTENSIONS) break;
    if (!w.has(at, 8, end)) return -1;
    const length = next === IpProto.ipv6Fragment ? 8 : (b[at + 1] + 1) * 8;
    if (!w.has(at, length, end)) return -1;
    if (next === IpProto.ipv6Fragment) {
      const offset = u16(b, at + 2);
      if (b[at + 1] !== 0 || (offset & 6) !== 0) {
        w.stop(Cut.malformed);
        return -1;
      }
      if (!w.keepTo(at + length)) return -1;
      if (offset >> 3 !== 0) {
        w.stop(Cut.fragment);
        return -1;
      }
      if ((offset & 1) !== 0) w.firstFragment = true;
    } else {
      zeroExtension(w, next, at, at + length);
      if (!w.keepTo(at + length)) return -1;
      if (next === IpProto.mobility) {
        w.stop(at + length < end ? Cut.payload : Cut.none);
        return -1;
      }
    }
    next = b[at];
    at += length;
  }
  w.stop(Cut.limit);
  return -1;
}

const PAD1 = 0;
const TUNNEL_LIMIT = 4;
const ROUTER_ALERT = 5;
const JUMBO = 0xc2;
const SEGMENT_ROUTING = 4;

function zeroExtension(w: Walk, kind: number, start: number, end: number): void {
  const b = w.b;
  if (kind === IpProto.mobility) {
    // Cookies, key tokens and authenticators, and the checksum over them (RFC 6275 §6.1).
    w.zero(start + 4, end, Zeroed.authentication);
    return;
  }
  if (kind === IpProto.ipv6Route) {
    const type = b[start + 2];
    if (type === 0 || type === 2) return;
    // Segments are addresses, what follows them is TLVs, HMAC among them (RFC 8754 §2.1).
    const addressesEnd = type === SEGMENT_ROUTING ? start + 8 + 16 * (b[start + 4] + 1) : start + 4;
    w.zero(addressesEnd <= end ? addressesEnd : start + 4, end, Zeroed.ipOptions);
    return;
  }
  for (let i = start + 2; i < end; ) {
    const type = b[i];
    if (type === PAD1) {
      i++;
      continue;
    }
    const length = i + 1 < end ? b[i + 1] + 2 : 0;
    if (length === 0 || i + length > end) {
      w.zero(i, end, Zeroed.ipOptions);
      return;
    }
    const known =
      (type === TUNNEL_LIMIT && length === 3) ||
      (type === ROUTER_ALERT && length === 4) ||
      (type === JUMBO && length === 6);
    if (!known) w.zero(i + 2, i + length, Zeroed.ipOptions);
    i += length;
  }
}
