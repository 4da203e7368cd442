import { u16 } from '../../packets/bytes.ts';
import { be16, type Octets, octets } from './octets.ts';

export const EtherType = {
  ipv4: 0x0800,
  arp: 0x0806,
  vlan: 0x8100,
  ipv6: 0x86dd,
  eapol: 0x888e,
  lldp: 0x88cc,
} as const;

/** Shortest frame without its check sequence, IEEE 802.3 3.2.8; a host pads up to it. */
const SHORTEST = 60;

const padded = (frame: Uint8Array): Uint8Array =>
  frame.length >= SHORTEST ? frame : octets(frame, new Uint8Array(SHORTEST - frame.length));

/** Ethernet II, padded, without a check sequence. */
export const ethernet = (to: Octets, from: Octets, type: number, payload: Octets): Uint8Array =>
  padded(octets(to, from, be16(type), payload));

/** IEEE 802.3 with a length, as LLC frames have it. */
export const ethernetLlc = (to: Octets, from: Octets, llc: Uint8Array): Uint8Array =>
  padded(octets(to, from, be16(llc.length), llc));

/** The frame with an 802.1Q tag of this VLAN behind its addresses. */
export const tagged = (frame: Uint8Array, vlan: number): Uint8Array =>
  octets(frame.subarray(0, 12), be16(EtherType.vlan), be16(vlan), frame.subarray(12));

/** LLC/SNAP of RFC 1042 in front of what an Ethernet II frame carries: the body of an 802.11 data frame. */
export const snapBody = (frame: Uint8Array): Uint8Array =>
  octets([0xaa, 0xaa, 3, 0, 0, 0], frame.subarray(12, 14 + carried(frame)));

/** Bytes of payload without padding, from the payload's own length where it has one. */
function carried(frame: Uint8Array): number {
  const rest = frame.length - 14;
  if (frame.length > SHORTEST) return rest;
  switch (u16(frame, 12)) {
    case EtherType.ipv4:
      return Math.min(rest, u16(frame, 16));
    case EtherType.arp:
      return 28;
    case EtherType.eapol:
      return Math.min(rest, 4 + u16(frame, 16));
    case EtherType.ipv6:
      return Math.min(rest, 40 + u16(frame, 18));
    default:
      return rest;
  }
}
