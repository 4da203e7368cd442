/** Checksums: Internet checksum RFC 1071, pseudo headers RFC 9293 §3.1 and RFC 8200 §8.1, CRC32c RFC 9260 App. A. */
import { u16, u32 } from './bytes.ts';
import type { Dissection } from './dissection.ts';
import { IpProto } from './ipproto.ts';
import { IPV4_SOURCE } from './layers/ipv4.ts';
import { IPV6_DESTINATION, IPV6_SOURCE } from './layers/ipv6.ts';
import { chainHead } from './layers/ipv6-chain.ts';
import { finalDestination } from './layers/ipv6-route.ts';
import { udpLiteCoverage } from './layers/udp-lite.ts';
import { Proto } from './protocols.ts';

/** Adds bytes `start`..`end` as 16-bit words to `sum`; an odd last byte is the high half of a word. */
export function addWords(b: Uint8Array, start: number, end: number, sum = 0): number {
  let total = sum;
  let at = start;
  for (; at + 1 < end; at += 2) total += u16(b, at);
  if (at < end) total += b[at] << 8;
  return total;
}

/** Folds a sum of words and complements it: the value for a checksum field, 0 when that field is right already. */
export function foldChecksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

export const internetChecksum = (b: Uint8Array, start: number, end: number, sum = 0): number =>
  foldChecksum(addWords(b, start, end, sum));

/** Sum of the IPv4 pseudo header; `length` is the transport's, header and payload. */
export const ipv4PseudoSum = (b: Uint8Array, ipv4Start: number, protocol: number, length: number): number =>
  addWords(b, ipv4Start + IPV4_SOURCE, ipv4Start + IPV4_SOURCE + 8) + protocol + length;

/** Sum of the IPv6 pseudo header; `destination` is the offset of the final destination's address. */
export function ipv6PseudoSum(
  b: Uint8Array,
  ipv6Start: number,
  destination: number,
  protocol: number,
  length: number,
): number {
  const source = addWords(b, ipv6Start + IPV6_SOURCE, ipv6Start + IPV6_SOURCE + 16);
  const both = addWords(b, destination, destination + 16, source);
  return both + protocol + (length >>> 16) + (length & 0xffff);
}

export const ipv4ChecksumIsRight = (b: Uint8Array, start: number, headerEnd: number): boolean =>
  internetChecksum(b, start, headerEnd) === 0;

/** `unverifiable`: a fragment, cut off by the capture, or not computed by the sender. */
export type ChecksumVerdict = 'right' | 'wrong' | 'unverifiable';

const PROTOCOL_NUMBER: Readonly<Record<number, number>> = {
  [Proto.tcp]: IpProto.tcp,
  [Proto.udp]: IpProto.udp,
  [Proto.udpLite]: IpProto.udpLite,
  [Proto.icmpv6]: IpProto.icmpv6,
};

/** Sum of the pseudo header in front of layer `i`, or −1 when it lies in a fragment or a cut-off packet. */
function pseudoSum(d: Dissection, i: number, length: number): number {
  const b = d.frame;
  const head = chainHead(d, i);
  const start = d.start[head];
  const protocol = PROTOCOL_NUMBER[d.proto[i]] ?? 0;
  if (d.proto[head] === Proto.ipv4) {
    const isFragment = (u16(b, start + 6) & 0x3fff) !== 0;
    if (isFragment || d.end[head] - start !== u16(b, start + 2)) return -1;
    return ipv4PseudoSum(b, start, protocol, length);
  }
  if (d.proto[head] !== Proto.ipv6) return -1;
  const payload = u16(b, start + 4);
  if (payload !== 0 && d.end[head] - d.headerEnd[head] !== payload) return -1;
  let destination = start + IPV6_DESTINATION;
  for (let n = head + 1; n < i; n++) {
    if (d.proto[n] === Proto.ipv6Fragment && (u16(b, d.start[n] + 2) & 0xfff9) !== 0) return -1;
    if (d.proto[n] !== Proto.ipv6Route) continue;
    const final = finalDestination(b, d.start[n], d.headerEnd[n]);
    if (final >= 0) destination = final;
  }
  return ipv6PseudoSum(b, start, destination, protocol, length);
}

function isWhole(d: Dissection, i: number): boolean {
  const head = chainHead(d, i);
  if (d.proto[head] !== Proto.ipv4) return d.proto[head] === Proto.ipv6;
  const start = d.start[head];
  return (u16(d.frame, start + 6) & 0x3fff) === 0 && d.end[head] - start === u16(d.frame, start + 2);
}

/** Verifies the checksum of layer `i`: IPv4, TCP, UDP, UDP-Lite, ICMP, ICMPv6, IGMP or SCTP. */
export function checksumVerdict(d: Dissection, i: number): ChecksumVerdict {
  const b = d.frame;
  const start = d.start[i];
  const end = d.end[i];
  let covered = end;
  let sum = 0;
  switch (d.proto[i]) {
    case Proto.ipv4:
      return ipv4ChecksumIsRight(b, start, d.headerEnd[i]) ? 'right' : 'wrong';
    case Proto.icmp:
    case Proto.igmp:
      if (!isWhole(d, i)) return 'unverifiable';
      break;
    case Proto.udp:
      // Zero is "none" (RFC 768); a length beyond the datagram is a capture that was cut off.
      if (u16(b, start + 6) === 0 || (u16(b, start + 4) !== 0 && u16(b, start + 4) !== end - start)) {
        return 'unverifiable';
      }
      sum = pseudoSum(d, i, end - start);
      break;
    case Proto.udpLite:
      covered = start + udpLiteCoverage(b, start, end);
      if (covered > end) return 'unverifiable';
      sum = pseudoSum(d, i, end - start);
      break;
    case Proto.tcp:
    case Proto.icmpv6:
      sum = pseudoSum(d, i, end - start);
      break;
    case Proto.sctp:
      if (!isWhole(d, i)) return 'unverifiable';
      return sctpChecksum(b, start, end) === u32(b, start + 8) ? 'right' : 'wrong';
    default:
      return 'unverifiable';
  }
  if (sum < 0) return 'unverifiable';
  return internetChecksum(b, start, covered, sum) === 0 ? 'right' : 'wrong';
}

const CRC32C_TABLE = (() => {
  const table = new Uint32Array(256);
  for (let n = 0; n < 256; n++) {
    let value = n;
    for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    table[n] = value;
  }
  return table;
})();

/**
 * CRC32c of the SCTP packet at `start` with its checksum field taken as zero, as the big-endian number that
 * stands in the field (the CRC itself goes out low byte first).
 */
export function sctpChecksum(b: Uint8Array, start: number, end: number): number {
  let crc = 0xffffffff;
  for (let at = start; at < end; at++) {
    const byte = at >= start + 8 && at < start + 12 ? 0 : b[at];
    crc = CRC32C_TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  }
  crc = ~crc;
  return (((crc & 0xff) << 24) | ((crc & 0xff00) << 8) | ((crc >>> 8) & 0xff00) | (crc >>> 24)) >>> 0;
}
