import { u32 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import { ARP_SENDER_IPV4, ARP_SENDER_MAC, arpIsIpv4 } from '../layers/arp.ts';
import { eapIdentity } from '../layers/eap.ts';
import { headerValue } from '../layers/http-head.ts';
import { Icmpv6Type, icmpv6Type, NDP_TARGET, ndpLinkLayerAddress } from '../layers/icmpv6.ts';
import { IPV4_DESTINATION, IPV4_SOURCE } from '../layers/ipv4.ts';
import { IPV6_SOURCE } from '../layers/ipv6.ts';
import { mdns, mdnsHostNames } from '../layers/mdns.ts';
import { NdpOption } from '../layers/ndp-options.ts';
import { Proto } from '../protocols.ts';
import { observeDhcpv4 } from './dhcp.ts';
import { observeDhcpv6 } from './dhcpv6.ts';
import type { Derive, FrameMeta } from './frame-meta.ts';
import { type Host, NameSource } from './host.ts';
import { evidenceOfHostName } from './host-name.ts';
import type { HostTable } from './host-table.ts';
import { observeRadius } from './radius.ts';
import { evidenceOfUserAgent } from './user-agent.ts';

const MAC_BYTES = 6;
const NOT_MAC = -1;

/**
 * What the layers above the link say of the host that sent the frame: layers `from` and up of `d`, until a
 * tunnel begins, since what is inside belongs to others. `host` is null where the sender is none of ours (an
 * access point passing on what came from elsewhere); its DHCP replies still concern clients. `sourceAt` is the
 * offset of the sender's MAC address.
 */
export function observeUpper(
  hosts: HostTable,
  derive: Derive,
  d: Dissection,
  from: number,
  host: Host | null,
  sourceAt: number,
  meta: FrameMeta,
): void {
  let isInIp = false;
  for (let i = from; i < d.count; i++) {
    switch (d.proto[i]) {
      case Proto.ipv4:
        if (isInIp) return;
        isInIp = true;
        if (host !== null) ip4Source(host, d.frame, d.start[i], meta.number);
        break;
      case Proto.ipv6:
        if (isInIp) return;
        isInIp = true;
        if (host !== null) ip6Source(host, d.frame, d.start[i], meta.number);
        break;
      case Proto.tcp:
      case Proto.udp:
        break;
      case Proto.arp:
        if (host !== null) arpSender(host, d.frame, d.start[i], sourceAt, meta.number);
        return;
      case Proto.icmpv6:
        if (host !== null) neighborAdvertisement(host, d, i, sourceAt, meta.number);
        return;
      case Proto.dhcpv4:
        observeDhcpv4(hosts, derive, d, i, meta.number);
        return;
      case Proto.http:
        if (host !== null && derive.userAgent) requestHead(host, derive, d, i, meta.number);
        return;
      case Proto.tls:
      case Proto.quic:
        if (host !== null && derive.tlsFingerprint !== null) {
          const fingerprint = derive.tlsFingerprint(d, i);
          if (fingerprint !== null) host.setTlsFingerprint(fingerprint, meta.number);
        }
        return;
      case Proto.mdns:
        if (host !== null && derive.hostName) multicastDns(host, derive, d, i, meta.number);
        return;
      case Proto.eap:
        if (host !== null && derive.userName) identity(host, d, i, meta.number);
        return;
      case Proto.dhcpv6:
        if (host !== null) observeDhcpv6(host, derive, d, i, meta.number);
        return;
      case Proto.radius:
        if (derive.userName) observeRadius(hosts, d, i, meta.number);
        return;
      case Proto.gre:
      case Proto.vxlan:
      case Proto.geneve:
      case Proto.gtpu:
      case Proto.capwap:
      case Proto.erspan:
      case Proto.teredo:
      case Proto.ethernet:
        return;
    }
  }
}

/** Hop counts that systems start with: a packet that still has one was sent on this link, not forwarded. */
const isInitialHopCount = (hops: number): boolean => hops === 64 || hops === 128 || hops === 255;

function ip4Source(host: Host, b: Uint8Array, start: number, frame: number): void {
  const at = start + IPV4_SOURCE;
  if (host.ip4 !== null && host.ip4.find(b, at) >= 0) return;
  const first = b[at];
  if (first === 0 || first === 127 || first >= 224) return;
  const toGroup = b[start + IPV4_DESTINATION] >> 4 === 14;
  const ttl = b[start + 8];
  if (isInitialHopCount(ttl) || (ttl === 1 && toGroup)) host.learnIp4(b, at, frame, false);
}

function ip6Source(host: Host, b: Uint8Array, start: number, frame: number): void {
  const at = start + IPV6_SOURCE;
  if (host.ip6 !== null && host.ip6.find(b, at) >= 0) return;
  const isLinkLocal = b[at] === 0xfe && (b[at + 1] & 0xc0) === 0x80;
  // 0000::/8 holds the unspecified, loopback and mapped addresses; ff00::/8 is multicast.
  if (b[at] === 0xff || b[at] === 0) return;
  if (isLinkLocal || isInitialHopCount(b[start + 7])) host.learnIp6(b, at, frame, false);
}

const sameMac = (b: Uint8Array, a: number, c: number): boolean => {
  for (let k = 0; k < MAC_BYTES; k++) if (b[a + k] !== b[c + k]) return false;
  return true;
};

/** An ARP sender that is not the frame's own answers for another (proxy ARP): not believed. */
function arpSender(host: Host, b: Uint8Array, start: number, sourceAt: number, frame: number): void {
  const address = start + ARP_SENDER_IPV4;
  if (!arpIsIpv4(b, start) || !sameMac(b, start + ARP_SENDER_MAC, sourceAt)) return;
  // A probe has sender 0.0.0.0 (RFC 5227 2.1.1).
  if (u32(b, address) !== 0 && b[address] !== 127 && b[address] < 224) host.learnIp4(b, address, frame, true);
}

function neighborAdvertisement(host: Host, d: Dissection, i: number, sourceAt: number, frame: number): void {
  const b = d.frame;
  const start = d.start[i];
  if (icmpv6Type(b, start) !== Icmpv6Type.neighborAdvertisement) return;
  const link = ndpLinkLayerAddress(b, start, d.end[i], NdpOption.targetLinkLayer);
  if (link === NOT_MAC || !sameMac(b, link, sourceAt)) return;
  if (b[start + NDP_TARGET] !== 0xff) host.learnIp6(b, start + NDP_TARGET, frame, true);
}

function requestHead(host: Host, derive: Derive, d: Dissection, i: number, frame: number): void {
  const userAgent = headerValue(d.frame, d.start[i], d.headerEnd[i], 'user-agent');
  if (userAgent === null || userAgent === host.userAgent) return;
  const evidence = evidenceOfUserAgent(userAgent);
  host.setUserAgent(userAgent, evidence, frame);
  if (evidence !== undefined && derive.family) host.addEvidence('userAgent', evidence, frame);
}

function identity(host: Host, d: Dissection, i: number, frame: number): void {
  const userName = eapIdentity(d.frame, d.start[i], d.end[i]);
  if (userName !== undefined) host.setUserName(userName, frame);
}

const LOCAL = '.local';

/** A message that claims several names speaks for others too (a sleep proxy): none is taken. */
function multicastDns(host: Host, derive: Derive, d: Dissection, i: number, frame: number): void {
  const names = mdnsHostNames(mdns.record(d, i));
  if (names.length !== 1) return;
  const name = names[0].slice(0, -LOCAL.length);
  host.setHostName(name, NameSource.multicastDns, frame);
  const evidence = derive.family ? evidenceOfHostName(name) : undefined;
  if (evidence !== undefined) host.addEvidence('hostName', evidence, frame);
}
