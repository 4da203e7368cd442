/** ICMPv6: RFC 4443, Neighbor Discovery RFC 4861; multicast listener messages are in mld.ts. */
import { ipv6Text, u16, u32 } from '../bytes.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import { type IcmpExtension, icmpExtensions, quotedEnd } from './icmp-extensions.ts';
import { type MldRecord, mldFields } from './mld.ts';
import { findNdpOption, type NdpOptionRecord, ndpOptions } from './ndp-options.ts';
import { type QuotedPacket, quotedIpv6 } from './quoted.ts';

export const Icmpv6Type = {
  destinationUnreachable: 1,
  packetTooBig: 2,
  timeExceeded: 3,
  parameterProblem: 4,
  echoRequest: 128,
  echoReply: 129,
  listenerQuery: 130,
  listenerReport: 131,
  listenerDone: 132,
  routerSolicitation: 133,
  routerAdvertisement: 134,
  neighborSolicitation: 135,
  neighborAdvertisement: 136,
  redirect: 137,
  listenerReportV2: 143,
} as const;

/** Bytes before the options or lists of a message. */
function fixedBytes(type: number): number {
  switch (type) {
    case Icmpv6Type.routerAdvertisement:
      return 16;
    case Icmpv6Type.listenerQuery:
    case Icmpv6Type.listenerReport:
    case Icmpv6Type.listenerDone:
    case Icmpv6Type.neighborSolicitation:
    case Icmpv6Type.neighborAdvertisement:
      return 24;
    case Icmpv6Type.redirect:
      return 40;
    default:
      return 8;
  }
}

export const icmpv6Type = (b: Uint8Array, start: number): number => b[start];
/** Offset of the target address of a solicitation or advertisement, from the start of the message. */
export const NDP_TARGET = 8;

/**
 * Offset of the 6 address bytes in a link-layer address option (`NdpOption.sourceLinkLayer` or
 * `targetLinkLayer`) of a Neighbor Discovery message, or −1.
 */
export function ndpLinkLayerAddress(b: Uint8Array, start: number, end: number, option: number): number {
  const type = b[start];
  if (type < Icmpv6Type.routerSolicitation || type > Icmpv6Type.redirect) return -1;
  const at = findNdpOption(b, start + fixedBytes(type), end, option);
  return at < 0 || b[at + 1] !== 1 ? -1 : at + 2;
}

export interface Icmpv6Record {
  type: number;
  code: number;
  checksum: number;
  identifier?: number;
  sequence?: number;
  mtu?: number;
  pointer?: number;
  target?: string;
  destination?: string;
  /** Neighbor advertisement: from a router, solicited, override. */
  router?: boolean;
  solicited?: boolean;
  override?: boolean;
  /** Router advertisement. */
  hopLimit?: number;
  managed?: boolean;
  otherConfig?: boolean;
  homeAgent?: boolean;
  /** RFC 4191: −1 low, 0 medium, 1 high; −2 is reserved. */
  preference?: number;
  lifetimeS?: number;
  reachableMs?: number;
  retransMs?: number;
  options?: NdpOptionRecord[];
  mld?: MldRecord;
  quoted?: QuotedPacket;
  extensions?: IcmpExtension[];
}

function readError(record: Icmpv6Record, b: Uint8Array, start: number, end: number): void {
  if (record.type === Icmpv6Type.packetTooBig) record.mtu = u32(b, start + 4);
  if (record.type === Icmpv6Type.parameterProblem) record.pointer = u32(b, start + 4);
  const extensible =
    record.type === Icmpv6Type.destinationUnreachable || record.type === Icmpv6Type.timeExceeded;
  const words = extensible ? b[start + 4] : 0;
  const quoteEnd = quotedEnd(start + 8, end, words, 8);
  record.quoted = quotedIpv6(b, start + 8, quoteEnd);
  if (words > 0) record.extensions = icmpExtensions(b, quoteEnd, end);
}

function readRouterAdvertisement(record: Icmpv6Record, b: Uint8Array, start: number): void {
  const flags = b[start + 5];
  record.hopLimit = b[start + 4];
  record.managed = (flags & 0x80) !== 0;
  record.otherConfig = (flags & 0x40) !== 0;
  record.homeAgent = (flags & 0x20) !== 0;
  record.preference = (flags << 27) >> 30;
  record.lifetimeS = u16(b, start + 6);
  record.reachableMs = u32(b, start + 8);
  record.retransMs = u32(b, start + 12);
}

export const icmpv6: Layer<Icmpv6Record> = {
  proto: Proto.icmpv6,

  dissect(d, start, end) {
    const available = end - start;
    if (available < 8) return d.truncated(Proto.icmpv6, start, 8, available);
    // A first fragment may hold less than the message's fixed part; its 8 bytes are all that is read.
    const needed = d.firstFragment ? 8 : fixedBytes(d.frame[start]);
    if (available < needed) return d.truncated(Proto.icmpv6, start, needed, available);
    d.push(Proto.icmpv6, start, start + needed, end);
  },

  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const end = d.end[i];
    const record: Icmpv6Record = { type: b[start], code: b[start + 1], checksum: u16(b, start + 2) };
    const optionsStart = start + fixedBytes(record.type);
    if (optionsStart > d.headerEnd[i]) return record;
    switch (record.type) {
      case Icmpv6Type.destinationUnreachable:
      case Icmpv6Type.packetTooBig:
      case Icmpv6Type.timeExceeded:
      case Icmpv6Type.parameterProblem:
        readError(record, b, start, end);
        break;
      case Icmpv6Type.echoRequest:
      case Icmpv6Type.echoReply:
        record.identifier = u16(b, start + 4);
        record.sequence = u16(b, start + 6);
        break;
      case Icmpv6Type.listenerQuery:
      case Icmpv6Type.listenerReport:
      case Icmpv6Type.listenerDone:
      case Icmpv6Type.listenerReportV2:
        record.mld = mldFields(b, start, end);
        break;
      case Icmpv6Type.routerAdvertisement:
        readRouterAdvertisement(record, b, start);
        record.options = ndpOptions(b, optionsStart, end);
        break;
      case Icmpv6Type.neighborAdvertisement:
        record.router = (b[start + 4] & 0x80) !== 0;
        record.solicited = (b[start + 4] & 0x40) !== 0;
        record.override = (b[start + 4] & 0x20) !== 0;
        record.target = ipv6Text(b, start + NDP_TARGET);
        record.options = ndpOptions(b, optionsStart, end);
        break;
      case Icmpv6Type.redirect:
        record.target = ipv6Text(b, start + NDP_TARGET);
        record.destination = ipv6Text(b, start + 24);
        record.options = ndpOptions(b, optionsStart, end);
        break;
      case Icmpv6Type.neighborSolicitation:
        record.target = ipv6Text(b, start + NDP_TARGET);
        record.options = ndpOptions(b, optionsStart, end);
        break;
      case Icmpv6Type.routerSolicitation:
        record.options = ndpOptions(b, optionsStart, end);
    }
    return record;
  },
};
