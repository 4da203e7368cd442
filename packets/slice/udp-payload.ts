import { u16, u24, u32 } from '../bytes.ts';
import { Proto } from '../protocols.ts';
import { tunnelledNext } from './next.ts';
import { Cut, type Walk, Zeroed } from './walk.ts';

const VXLAN_PORT = 4789;
const GENEVE_PORT = 6081;
const GTPU_PORT = 2152;
const CAPWAP_CONTROL_PORT = 5246;
const CAPWAP_DATA_PORT = 5247;
const TUNNEL_HEADER = 8;

/**
 * What UDP carries: the four tunnels below, each only if all its reserved bits are as the standard says and
 * the packet inside bears it out, and in `control` mode DHCP and DNS. Anything else is payload.
 */
export function udpPayload(w: Walk, source: number, destination: number, start: number, end: number): void {
  switch (destination) {
    case VXLAN_PORT:
      vxlan(w, start, end);
      return;
    case GENEVE_PORT:
      geneve(w, start, end);
      return;
    case GTPU_PORT:
      gtpU(w, start, end);
      return;
    case CAPWAP_DATA_PORT:
      capwapData(w, start, end);
      return;
    case 53:
    case 5353:
      if (w.controlDns) dnsHeader(w, start, end);
      return;
    case 67:
    case 68:
      if (w.controlDhcp) w.next(Proto.dhcpv4, start, end);
      return;
  }
  if (source === CAPWAP_DATA_PORT) capwapData(w, start, end);
  else if (source === CAPWAP_CONTROL_PORT || destination === CAPWAP_CONTROL_PORT) {
    capwapControl(w, start, end);
  } else if ((source === 53 || source === 5353) && w.controlDns) dnsHeader(w, start, end);
}

/** RFC 7348 §5: only the I flag, all else reserved and zero. */
function vxlan(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (!w.has(start, TUNNEL_HEADER, end)) return;
  if (u32(b, start) !== 0x08000000 || b[start + 7] !== 0) return;
  w.guess();
  if (w.keepTo(start + TUNNEL_HEADER)) w.next(Proto.ethernet, start + TUNNEL_HEADER, end);
}

/** RFC 8926 §3.4; options keep their headers. */
function geneve(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (!w.has(start, TUNNEL_HEADER, end)) return;
  const headerEnd = start + TUNNEL_HEADER + (b[start] & 0x3f) * 4;
  if (b[start] >> 6 !== 0 || (b[start + 1] & 0x3f) !== 0 || b[start + 7] !== 0) return;
  if (!w.has(start, headerEnd - start, end)) return;
  w.guess();
  for (let i = start + TUNNEL_HEADER; i < headerEnd; ) {
    const next = i + 4 + (b[i + 3] & 0x1f) * 4;
    if (next > headerEnd || b[i + 3] >> 5 !== 0) return;
    w.zero(i + 4, next, Zeroed.parameters);
    i = next;
  }
  if (w.keepTo(headerEnd)) tunnelledNext(w, u16(b, start + 2), headerEnd, end);
}

const GTPU_OPTIONAL = 4;
const GTPU_T_PDU = 255;

/** 3GPP TS 29.281 §5.1: a T-PDU without extension headers. */
function gtpU(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (!w.has(start, TUNNEL_HEADER, end)) return;
  const flags = b[start];
  if (flags >> 4 !== 3 || (flags & 0x08) !== 0 || b[start + 1] !== GTPU_T_PDU) return;
  const declaredEnd = start + TUNNEL_HEADER + u16(b, start + 2);
  const optional = (flags & 0x07) !== 0 ? GTPU_OPTIONAL : 0;
  if (declaredEnd !== end) return;
  const inner = start + TUNNEL_HEADER + optional;
  if (!w.has(start, inner + 1 - start, end)) return;
  if (optional > 0 && (flags & 0x04) !== 0 && b[inner - 1] !== 0) return;
  w.guess();
  if (!w.keepTo(inner)) return;
  w.next(b[inner] >> 4 === 6 ? Proto.ipv6 : Proto.ipv4, inner, end);
}

/** End of a clear-text CAPWAP header (RFC 5415 §4.3) whose lengths and reserved bits agree, or −1. */
function capwapHeaderEnd(w: Walk, start: number, end: number): number {
  const b = w.b;
  if (b[start] !== 0 || !w.has(start, TUNNEL_HEADER, end)) return -1;
  const length = (b[start + 1] >> 3) * 4;
  const flags = b[start + 3];
  if (length < TUNNEL_HEADER || (flags & 0x07) !== 0 || (b[start + 7] & 0x07) !== 0) return -1;
  if (!w.has(start, length, end)) return -1;
  let at = start + TUNNEL_HEADER;
  for (const bit of [0x10, 0x20]) {
    if ((flags & bit) === 0) continue;
    if (at >= start + length) return -1;
    at += (b[at] + 4) & ~3;
  }
  return at === start + length ? at : -1;
}

function capwapData(w: Walk, start: number, end: number): void {
  const headerEnd = start < w.cap && start < end ? capwapHeaderEnd(w, start, end) : -1;
  if (headerEnd < 0) return;
  const b = w.b;
  const flags = u24(b, start + 1);
  const isFragment = (flags & 0x80) !== 0;
  const isKeepAlive = (flags & 0x08) !== 0;
  if (isFragment || isKeepAlive) return;
  const isNative = (flags & 0x100) !== 0;
  const binding = (flags >> 9) & 0x1f;
  w.guess();
  if (!w.keepTo(headerEnd)) return;
  if (!isNative) w.next(Proto.ethernet, headerEnd, end);
  else if (binding === 1) w.next(Proto.ieee80211, headerEnd, end);
}

function capwapControl(w: Walk, start: number, end: number): void {
  const headerEnd = start < w.cap && start < end ? capwapHeaderEnd(w, start, end) : -1;
  if (headerEnd >= 0) w.keepTo(headerEnd);
}

const DNS_HEADER = 12;

/** RFC 1035 §4.1.1: identifier, flags and counts; names are never kept. */
function dnsHeader(w: Walk, start: number, end: number): void {
  if (w.has(start, DNS_HEADER, end)) w.keepTo(start + DNS_HEADER);
  w.stop(Cut.payload);
}
