/** The start of an offending packet inside an ICMP error: read in the error's record, never as layers of the frame. */
import { u16 } from '../bytes.ts';
import { IpProto } from '../ipproto.ts';
import { type Ipv4Record, ipv4Fields, ipv4HeaderBytes } from './ipv4.ts';
import { IPV6_BYTES, type Ipv6Record, ipv6Fields } from './ipv6.ts';
import { MAX_EXTENSION_HEADERS } from './ipv6-chain.ts';

export interface QuotedPacket {
  ipv4?: Ipv4Record;
  ipv6?: Ipv6Record;
  /** Of the transport, behind any extension headers. */
  protocol: number;
  sourcePort?: number;
  destinationPort?: number;
  icmpType?: number;
  icmpCode?: number;
}

function transport(quoted: QuotedPacket, b: Uint8Array, at: number, end: number): void {
  const { protocol } = quoted;
  const hasPorts = protocol === IpProto.tcp || protocol === IpProto.udp || protocol === IpProto.sctp;
  if (hasPorts && at + 4 <= end) {
    quoted.sourcePort = u16(b, at);
    quoted.destinationPort = u16(b, at + 2);
  } else if ((protocol === IpProto.icmp || protocol === IpProto.icmpv6) && at + 2 <= end) {
    quoted.icmpType = b[at];
    quoted.icmpCode = b[at + 1];
  }
}

export function quotedIpv4(b: Uint8Array, start: number, end: number): QuotedPacket | undefined {
  if (end - start < 20 || b[start] >> 4 !== 4) return undefined;
  const headerBytes = ipv4HeaderBytes(b, start);
  if (headerBytes < 20 || end - start < headerBytes) return undefined;
  const fields = ipv4Fields(b, start, start + headerBytes);
  const quoted: QuotedPacket = { ipv4: fields, protocol: fields.protocol };
  if (fields.fragmentOffset === 0) transport(quoted, b, start + headerBytes, end);
  return quoted;
}

export function quotedIpv6(b: Uint8Array, start: number, end: number): QuotedPacket | undefined {
  if (end - start < IPV6_BYTES || b[start] >> 4 !== 6) return undefined;
  const fields = ipv6Fields(b, start);
  let protocol = fields.nextHeader;
  let at = start + IPV6_BYTES;
  let first = true;
  for (let i = 0; i < MAX_EXTENSION_HEADERS && at + 8 <= end; i++) {
    let length: number;
    if (protocol === IpProto.ipv6Fragment) {
      length = 8;
      first = (u16(b, at + 2) & 0xfff8) === 0;
    } else if (
      protocol === IpProto.hopByHop ||
      protocol === IpProto.ipv6Route ||
      protocol === IpProto.ipv6Destination
    ) {
      length = (b[at + 1] + 1) * 8;
    } else if (protocol === IpProto.ah) {
      length = (b[at + 1] + 2) * 4;
    } else break;
    protocol = b[at];
    at += length;
    if (!first) break;
  }
  const quoted: QuotedPacket = { ipv6: fields, protocol };
  if (first) transport(quoted, b, at, end);
  return quoted;
}
