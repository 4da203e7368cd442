import { u16, u32 } from '../bytes.ts';
import { FIRST_ETHERTYPE } from '../ethertype.ts';
import { LinkType } from '../linktype.ts';
import { u16le, u32le } from '../little-endian.ts';
import { Proto } from '../protocols.ts';
import { etherTypeNext } from './next.ts';
import { radiotap } from './radiotap.ts';
import { Cut, type Walk, Zeroed } from './walk.ts';

/** Starts the walk of a frame by its capture's link type; of types without a rule nothing is kept. */
export function link(w: Walk, linkType: number, start: number): void {
  switch (linkType) {
    case LinkType.ethernet:
      w.next(Proto.ethernet, start, w.wire);
      return;
    case LinkType.radiotap:
      radiotap(w, start);
      return;
    case LinkType.ieee80211:
      w.next(Proto.ieee80211, start, w.wire);
      return;
    case LinkType.ppi:
      ppi(w, start);
      return;
    case LinkType.prism:
      if (w.has(start, 4, w.wire) && u32(w.b, start) >>> 12 === AVS_MAGIC) avs(w, start);
      else prism(w, start);
      return;
    case LinkType.avs:
      avs(w, start);
      return;
    case LinkType.raw:
      raw(w, start);
      return;
    case LinkType.ipv4:
      w.next(Proto.ipv4, start, w.wire);
      return;
    case LinkType.ipv6:
      w.next(Proto.ipv6, start, w.wire);
      return;
    case LinkType.null:
      nullLoopback(w, start);
      return;
    case LinkType.linuxSll:
      linuxSll(w, start);
      return;
    case LinkType.linuxSll2:
      linuxSll2(w, start);
      return;
    default:
      w.stop(Cut.unknown);
  }
}

const PPI_FIXED = 8;
const PPI_FIELD = 4;
/** 802.11-Common, 802.11n MAC, 802.11n MAC and PHY; others are GPS positions and vendors' data. */
const PPI_KEPT: ReadonlySet<number> = new Set([2, 3, 4]);
const PPI_COMMON = 2;
const PPI_COMMON_LENGTH = 20;
const PPI_FLAG_FCS_PRESENT = 0x01;
const PPI_FLAG_FCS_INVALID = 0x04;

/** Per-packet information header (CACE PPI 1.0.10). */
function ppi(w: Walk, start: number): void {
  const b = w.b;
  if (!w.has(start, PPI_FIXED, w.wire)) return;
  const length = u16le(b, start + 2);
  const headerEnd = start + length;
  if (b[start] !== 0 || length < PPI_FIXED) {
    w.stop(Cut.malformed);
    return;
  }
  if (!w.has(start, length, w.wire)) return;
  let at = start + PPI_FIXED;
  while (at + PPI_FIELD <= headerEnd) {
    const type = u16le(b, at);
    const next = at + PPI_FIELD + u16le(b, at + 2);
    if (next > headerEnd) break;
    if (!PPI_KEPT.has(type)) w.zero(at + PPI_FIELD, next, Zeroed.metadata);
    if (type === PPI_COMMON && next === at + PPI_FIELD + PPI_COMMON_LENGTH && w.fcsUnstated) {
      const flags = u16le(b, at + PPI_FIELD + 8);
      w.stateFcs((flags & PPI_FLAG_FCS_PRESENT) !== 0 ? 4 : 0);
      w.badFcs = (flags & PPI_FLAG_FCS_INVALID) !== 0;
    }
    at = next;
  }
  w.zero(at, headerEnd, Zeroed.metadata);
  w.metadataTo(headerEnd);
  if (u32le(b, start + 4) === LinkType.ieee80211) w.next(Proto.ieee80211, headerEnd, w.wire);
  else w.stop(Cut.unknown);
}

const AVS_MAGIC = 0x80211;
const AVS_FIXED = 8;
const MAX_METADATA = 256;

function avs(w: Walk, start: number): void {
  if (!w.has(start, AVS_FIXED, w.wire)) return;
  const length = u32(w.b, start + 4);
  if (u32(w.b, start) >>> 12 !== AVS_MAGIC || length < 64 || length > MAX_METADATA) w.stop(Cut.malformed);
  else metadata(w, start, length, Proto.ieee80211);
}

/** Prism monitor header: a message code and length in the byte order of the capturing host. */
function prism(w: Walk, start: number): void {
  if (!w.has(start, 8, w.wire)) return;
  const code = u32le(w.b, start);
  const isLittle = code === 0x44 || code === 0x41;
  const length = isLittle ? u32le(w.b, start + 4) : u32(w.b, start + 4);
  const swapped = u32(w.b, start);
  if ((!isLittle && swapped !== 0x44 && swapped !== 0x41) || length < 24 || length > MAX_METADATA) {
    w.stop(Cut.malformed);
  } else metadata(w, start, length, Proto.ieee80211);
}

function metadata(w: Walk, start: number, length: number, proto: number): void {
  if (!w.has(start, length, w.wire)) return;
  w.metadataTo(start + length);
  w.next(proto, start + length, w.wire);
}

function raw(w: Walk, start: number): void {
  if (!w.has(start, 1, w.wire)) return;
  w.next(w.b[start] >> 4 === 6 ? Proto.ipv6 : Proto.ipv4, start, w.wire);
}

/** Address family in the capturing host's byte order (LINKTYPE_NULL). */
function nullLoopback(w: Walk, start: number): void {
  if (!w.has(start, 4, w.wire)) return;
  const b = w.b;
  const family = b[start] === 0 && b[start + 1] === 0 ? u32(b, start) : u32le(b, start);
  const isIpv6 = family === 24 || family === 28 || family === 30 || family === 10;
  if (family !== 2 && !isIpv6) w.stop(Cut.unknown);
  else metadata(w, start, 4, isIpv6 ? Proto.ipv6 : Proto.ipv4);
}

const SLL_HEADER = 16;
const SLL2_HEADER = 20;
/** ARPHRD_ numbers of Ethernet, PPP, loopback and none, where the protocol field is an EtherType. */
const ETHERTYPE_HARDWARE: ReadonlySet<number> = new Set([1, 512, 772, 0xfffe]);
const SLL_802_2 = 0x0004;

function linuxSll(w: Walk, start: number): void {
  if (!w.has(start, SLL_HEADER, w.wire)) return;
  cooked(w, start + SLL_HEADER, u16(w.b, start + 2), u16(w.b, start + 14), u16(w.b, start + 4), start + 6);
}

function linuxSll2(w: Walk, start: number): void {
  if (!w.has(start, SLL2_HEADER, w.wire)) return;
  const b = w.b;
  cooked(w, start + SLL2_HEADER, u16(b, start + 8), u16(b, start), b[start + 11], start + 12);
}

/** The eight bytes of address are zeroed behind its length: what is there is chance. */
function cooked(
  w: Walk,
  payload: number,
  hardware: number,
  protocol: number,
  addressLength: number,
  address: number,
): void {
  w.zero(address + Math.min(addressLength, 8), address + 8, Zeroed.metadata);
  w.metadataTo(payload);
  if (!ETHERTYPE_HARDWARE.has(hardware)) w.stop(Cut.unknown);
  else if (protocol >= FIRST_ETHERTYPE) etherTypeNext(w, protocol, payload, w.wire);
  else if (protocol === SLL_802_2) w.tag(Proto.llc, payload, w.wire);
  else w.stop(Cut.unknown);
}
