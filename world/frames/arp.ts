import { EtherType, ethernet } from './ethernet.ts';
import { BROADCAST_MAC, be16, octets } from './octets.ts';

export interface ArpEnd {
  mac: Uint8Array;
  ipv4: Uint8Array;
}

const NOBODY = new Uint8Array(6);

/** RFC 826; `operation` 1 asks, 2 answers. */
function arp(operation: number, sender: ArpEnd, target: ArpEnd): Uint8Array {
  const ethernetAndIpv4 = [...be16(1), ...be16(EtherType.ipv4), 6, 4];
  return octets(ethernetAndIpv4, be16(operation), sender.mac, sender.ipv4, target.mac, target.ipv4);
}

export const arpRequest = (from: ArpEnd, wanted: Uint8Array): Uint8Array =>
  ethernet(BROADCAST_MAC, from.mac, EtherType.arp, arp(1, from, { mac: NOBODY, ipv4: wanted }));

export const arpReply = (from: ArpEnd, to: ArpEnd): Uint8Array =>
  ethernet(to.mac, from.mac, EtherType.arp, arp(2, from, to));

/** RFC 5227 2.1: is `wanted` in use? The sender has no address yet. */
export const arpProbe = (mac: Uint8Array, wanted: Uint8Array): Uint8Array =>
  arpRequest({ mac, ipv4: new Uint8Array(4) }, wanted);

/** RFC 5227 2.3: the address is mine now. */
export const arpAnnouncement = (from: ArpEnd): Uint8Array => arpRequest(from, from.ipv4);
