/** Neighbor Discovery options: RFC 4861 §4.6; RDNSS and DNSSL RFC 8106, route information RFC 4191, nonce RFC 3971. */
import { hex, ipv6Text, u32 } from '../bytes.ts';
import { dnsName } from './dns-name.ts';
import { type QuotedPacket, quotedIpv6 } from './quoted.ts';

export const NdpOption = {
  sourceLinkLayer: 1,
  targetLinkLayer: 2,
  prefixInformation: 3,
  redirectedHeader: 4,
  mtu: 5,
  nonce: 14,
  routeInformation: 24,
  recursiveDnsServer: 25,
  dnsSearchList: 31,
} as const;

/** End of the option at `at`, or −1: a length of 0 would never end, and RFC 4861 §4.6 says discard. */
export function ndpOptionEnd(b: Uint8Array, at: number, end: number): number {
  if (at + 2 > end || b[at + 1] === 0) return -1;
  const next = at + b[at + 1] * 8;
  return next > end ? -1 : next;
}

/** Offset of the first option of `type` between `at` and `end`, or −1. */
export function findNdpOption(b: Uint8Array, at: number, end: number, type: number): number {
  for (let here = at; here < end; ) {
    const next = ndpOptionEnd(b, here, end);
    if (next < 0) return -1;
    if (b[here] === type) return here;
    here = next;
  }
  return -1;
}

export interface NdpOptionRecord {
  type: number;
  /** Hexadecimal, without type and length. */
  data: string;
  linkLayerAddress?: string;
  prefix?: string;
  prefixLength?: number;
  onLink?: boolean;
  autonomous?: boolean;
  validLifetimeS?: number;
  preferredLifetimeS?: number;
  mtu?: number;
  lifetimeS?: number;
  servers?: string[];
  domains?: string[];
  redirected?: QuotedPacket;
}

function readDomains(b: Uint8Array, start: number, end: number): string[] {
  const domains: string[] = [];
  for (let at = start; at < end && b[at] !== 0; ) {
    const name = dnsName(b, at, at, end);
    if (name === null) break;
    domains.push(name.text);
    at = name.next;
  }
  return domains;
}

function read(option: NdpOptionRecord, b: Uint8Array, at: number, next: number): void {
  const length = next - at;
  switch (option.type) {
    case NdpOption.sourceLinkLayer:
    case NdpOption.targetLinkLayer:
      option.linkLayerAddress = hex(b, at + 2, next, ':');
      return;
    case NdpOption.prefixInformation:
      if (length !== 32) return;
      option.prefixLength = b[at + 2];
      option.onLink = (b[at + 3] & 0x80) !== 0;
      option.autonomous = (b[at + 3] & 0x40) !== 0;
      option.validLifetimeS = u32(b, at + 4);
      option.preferredLifetimeS = u32(b, at + 8);
      option.prefix = ipv6Text(b, at + 16);
      return;
    case NdpOption.redirectedHeader:
      option.redirected = quotedIpv6(b, at + 8, next);
      return;
    case NdpOption.mtu:
      if (length === 8) option.mtu = u32(b, at + 4);
      return;
    case NdpOption.recursiveDnsServer:
      option.lifetimeS = u32(b, at + 4);
      option.servers = [];
      for (let server = at + 8; server + 16 <= next; server += 16) option.servers.push(ipv6Text(b, server));
      return;
    case NdpOption.dnsSearchList:
      option.lifetimeS = u32(b, at + 4);
      option.domains = readDomains(b, at + 8, next);
      return;
    case NdpOption.routeInformation: {
      option.prefixLength = b[at + 2];
      option.lifetimeS = u32(b, at + 4);
      const whole = new Uint8Array(16);
      whole.set(b.subarray(at + 8, Math.min(next, at + 24)));
      option.prefix = ipv6Text(whole, 0);
    }
  }
}

export function ndpOptions(b: Uint8Array, start: number, end: number): NdpOptionRecord[] {
  const found: NdpOptionRecord[] = [];
  for (let at = start; at < end; ) {
    const next = ndpOptionEnd(b, at, end);
    if (next < 0) break;
    const option: NdpOptionRecord = { type: b[at], data: hex(b, at + 2, next) };
    read(option, b, at, next);
    found.push(option);
    at = next;
  }
  return found;
}
