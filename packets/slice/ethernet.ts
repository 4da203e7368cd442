import { u16, u24 } from '../bytes.ts';
import { FIRST_ETHERTYPE, MAX_802_3_LENGTH } from '../ethertype.ts';
import { Proto } from '../protocols.ts';
import { etherTypeNext } from './next.ts';
import { Cut, type Walk } from './walk.ts';

const ETHERNET_HEADER = 14;
const VLAN_TAG = 4;

/** Ethernet II and 802.3 (IEEE 802.3 3.2). */
export function ethernet(w: Walk, start: number, end: number): void {
  if (!w.has(start, ETHERNET_HEADER, end)) return;
  if (w.keepTo(start + ETHERNET_HEADER)) {
    typeOrLengthNext(w, u16(w.b, start + 12), start + ETHERNET_HEADER, end);
  }
}

/** One tag (IEEE 802.1Q 9.6); the next layers say how many may follow each other. */
export function vlan(w: Walk, start: number, end: number): void {
  if (!w.has(start, VLAN_TAG, end)) return;
  if (w.keepTo(start + VLAN_TAG)) typeOrLengthNext(w, u16(w.b, start + 2), start + VLAN_TAG, end);
}

function typeOrLengthNext(w: Walk, typeOrLength: number, start: number, end: number): void {
  if (typeOrLength >= FIRST_ETHERTYPE) etherTypeNext(w, typeOrLength, start, end);
  else if (typeOrLength > MAX_802_3_LENGTH || start + typeOrLength > end) w.stop(Cut.malformed);
  else w.tag(Proto.llc, start, start + typeOrLength);
}

const LLC_UNNUMBERED = 3;
const LLC_NUMBERED = 4;
const LLC_SNAP = 8;
const OUI_ETHERTYPE = 0x000000;
const OUI_BRIDGE_TUNNEL = 0x0000f8;

/** Logical link control (IEEE 802.2) and SNAP (RFC 1042); payload of other access points is never looked at. */
export function llc(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (!w.has(start, LLC_UNNUMBERED, end)) return;
  const sap = u16(b, start);
  if (sap === 0xffff) {
    // Novell's raw 802.3 has no LLC: these bytes are IPX's own.
    w.stop(Cut.unknown);
    return;
  }
  if (sap === 0xaaaa && b[start + 2] === 0x03) {
    if (!w.has(start, LLC_SNAP, end) || !w.keepTo(start + LLC_SNAP)) return;
    const oui = u24(b, start + 3);
    if (oui === OUI_ETHERTYPE || oui === OUI_BRIDGE_TUNNEL) {
      etherTypeNext(w, u16(b, start + 6), start + LLC_SNAP, end);
    } else w.stop(Cut.unknown);
    return;
  }
  const header = (b[start + 2] & 3) === 3 ? LLC_UNNUMBERED : LLC_NUMBERED;
  if (w.has(start, header, end) && w.keepTo(start + header)) w.stop(Cut.unknown);
}

const ARP_FIXED = 8;
const MAX_HARDWARE_ADDRESS = 8;
const MAX_PROTOCOL_ADDRESS = 16;

/** Address resolution (RFC 826); padding behind the addresses is cut. */
export function arp(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (!w.has(start, ARP_FIXED, end)) return;
  const hardware = b[start + 4];
  const protocol = b[start + 5];
  if (hardware > MAX_HARDWARE_ADDRESS || protocol > MAX_PROTOCOL_ADDRESS) {
    w.stop(Cut.malformed);
    return;
  }
  const arpEnd = start + ARP_FIXED + 2 * (hardware + protocol);
  if (!w.has(start, arpEnd - start, end)) return;
  if (w.guessing) {
    const isIpv4OverEthernet = u16(b, start) === 1 && u16(b, start + 2) === 0x0800;
    if (!isIpv4OverEthernet || hardware !== 6 || protocol !== 4 || u16(b, start + 6) > 2) return;
    w.confirm();
  }
  if (w.keepTo(arpEnd)) w.stop(arpEnd < end ? Cut.payload : Cut.none);
}

const LABEL = 4;
const MAX_LABELS = 8;

/**
 * MPLS (RFC 3032). Behind the label stack the first byte is a protocol discriminator (RFC 9790), so it is
 * kept; a packet that it announces as IP must prove to be one. Pseudowires end here.
 */
export function mpls(w: Walk, start: number, end: number): void {
  const b = w.b;
  let at = start;
  for (let labels = 1; ; labels++) {
    if (labels > MAX_LABELS) {
      w.stop(Cut.limit);
      return;
    }
    if (!w.has(at, LABEL, end) || !w.keepTo(at + LABEL)) return;
    at += LABEL;
    if ((b[at - 2] & 1) !== 0) break;
  }
  if (at === end) return;
  if (!w.has(at, 1, end) || !w.keepTo(at + 1)) return;
  w.stop(Cut.payload);
  const nibble = b[at] >> 4;
  if (nibble !== 4 && nibble !== 6) return;
  if (!w.guessing) w.guess();
  w.next(nibble === 4 ? Proto.ipv4 : Proto.ipv6, at, end);
}

const PPPOE_HEADER = 6;
const PPP_IPV4 = 0x0021;
const PPP_IPV6 = 0x0057;

/** PPPoE session (RFC 2516 §4). Of PPP only IP is followed: PAP holds passwords in clear. */
export function pppoe(w: Walk, start: number, end: number): void {
  const b = w.b;
  const payload = start + PPPOE_HEADER;
  if (!pppoeHeader(w, start, end)) return;
  const payloadEnd = payload + u16(b, start + 4);
  if (b[start + 1] !== 0) {
    w.stop(Cut.malformed);
    return;
  }
  // An odd first byte would be a compressed protocol field (RFC 1661 §6.5), which RFC 2516 §7 rules out.
  if (!w.has(payload, 2, payloadEnd) || (b[payload] & 1) !== 0) return;
  if (!w.keepTo(payload + 2)) return;
  w.stop(Cut.payload);
  const protocol = u16(b, payload);
  if (protocol === PPP_IPV4) w.next(Proto.ipv4, payload + 2, payloadEnd);
  else if (protocol === PPP_IPV6) w.next(Proto.ipv6, payload + 2, payloadEnd);
}

/** PPPoE discovery: tags name hosts, services and cookies. */
export function pppoeDiscovery(w: Walk, start: number, end: number): void {
  if (pppoeHeader(w, start, end)) w.stop(Cut.payload);
}

function pppoeHeader(w: Walk, start: number, end: number): boolean {
  const b = w.b;
  if (!w.has(start, PPPOE_HEADER, end)) return false;
  if (b[start] !== 0x11 || start + PPPOE_HEADER + u16(b, start + 4) > end) {
    w.stop(Cut.malformed);
    return false;
  }
  return w.keepTo(start + PPPOE_HEADER);
}
