/** ICMP: RFC 792; masks RFC 950, router discovery RFC 1256, extended echo RFC 8335. */
import { ipv4Text, u16, u32 } from '../bytes.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import { type IcmpExtension, icmpExtensions, quotedEnd } from './icmp-extensions.ts';
import { type QuotedPacket, quotedIpv4 } from './quoted.ts';

const BYTES = 8;

export const IcmpType = {
  echoReply: 0,
  destinationUnreachable: 3,
  sourceQuench: 4,
  redirect: 5,
  echo: 8,
  routerAdvertisement: 9,
  timeExceeded: 11,
  parameterProblem: 12,
  timestamp: 13,
  timestampReply: 14,
  addressMaskRequest: 17,
  addressMaskReply: 18,
  extendedEcho: 42,
  extendedEchoReply: 43,
} as const;

export interface IcmpRecord {
  type: number;
  code: number;
  checksum: number;
  identifier?: number;
  sequence?: number;
  gateway?: string;
  /** Of the next hop, with code 4 of destination unreachable (RFC 1191). */
  mtu?: number;
  pointer?: number;
  addressMask?: string;
  originateTimestamp?: number;
  receiveTimestamp?: number;
  transmitTimestamp?: number;
  lifetimeS?: number;
  routers?: { address: string; preference: number }[];
  quoted?: QuotedPacket;
  extensions?: IcmpExtension[];
}

function readError(record: IcmpRecord, b: Uint8Array, start: number, end: number): void {
  const { type } = record;
  if (type === IcmpType.redirect) record.gateway = ipv4Text(b, start + 4);
  if (type === IcmpType.destinationUnreachable && record.code === 4) record.mtu = u16(b, start + 6);
  if (type === IcmpType.parameterProblem) record.pointer = b[start + 4];
  const extensible = type !== IcmpType.redirect && type !== IcmpType.sourceQuench;
  const words = extensible ? b[start + 5] : 0;
  const quoteEnd = quotedEnd(start + BYTES, end, words, 4);
  record.quoted = quotedIpv4(b, start + BYTES, quoteEnd);
  if (words > 0) record.extensions = icmpExtensions(b, quoteEnd, end);
}

function readRouters(record: IcmpRecord, b: Uint8Array, start: number, end: number): void {
  record.lifetimeS = u16(b, start + 6);
  record.routers = [];
  const entryBytes = b[start + 5] * 4;
  if (entryBytes < 8) return;
  let at = start + BYTES;
  for (let n = b[start + 4]; n > 0 && at + entryBytes <= end; n--, at += entryBytes) {
    record.routers.push({ address: ipv4Text(b, at), preference: u32(b, at + 4) | 0 });
  }
}

export const icmp: Layer<IcmpRecord> = {
  proto: Proto.icmp,

  dissect(d, start, end) {
    if (end - start < BYTES) return d.truncated(Proto.icmp, start, BYTES, end - start);
    d.push(Proto.icmp, start, start + BYTES, end);
  },

  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const end = d.end[i];
    const record: IcmpRecord = { type: b[start], code: b[start + 1], checksum: u16(b, start + 2) };
    switch (record.type) {
      case IcmpType.destinationUnreachable:
      case IcmpType.sourceQuench:
      case IcmpType.redirect:
      case IcmpType.timeExceeded:
      case IcmpType.parameterProblem:
        readError(record, b, start, end);
        break;
      case IcmpType.routerAdvertisement:
        readRouters(record, b, start, end);
        break;
      case IcmpType.extendedEcho:
      case IcmpType.extendedEchoReply:
        record.identifier = u16(b, start + 4);
        record.sequence = b[start + 6];
        break;
      case IcmpType.timestamp:
      case IcmpType.timestampReply:
        record.identifier = u16(b, start + 4);
        record.sequence = u16(b, start + 6);
        if (end - start < 20) break;
        record.originateTimestamp = u32(b, start + 8);
        record.receiveTimestamp = u32(b, start + 12);
        record.transmitTimestamp = u32(b, start + 16);
        break;
      case IcmpType.addressMaskRequest:
      case IcmpType.addressMaskReply:
        record.identifier = u16(b, start + 4);
        record.sequence = u16(b, start + 6);
        if (end - start >= 12) record.addressMask = ipv4Text(b, start + 8);
        break;
      case IcmpType.echo:
      case IcmpType.echoReply:
        record.identifier = u16(b, start + 4);
        record.sequence = u16(b, start + 6);
    }
    return record;
  },
};
