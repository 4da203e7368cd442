import { u16 } from '../bytes.ts';
import { EtherType } from '../ethertype.ts';
import { Proto } from '../protocols.ts';
import { tunnelledNext } from './next.ts';
import { Cut, type Walk, Zeroed } from './walk.ts';

const BASE = 4;
const CHECKSUM = 0x8000;
const KEY = 0x2000;
const SEQUENCE = 0x1000;
/** Version 1 only (RFC 2637 §4.1). */
const ACKNOWLEDGEMENT = 0x0080;
/** Routing, strict source route, recursion (RFC 1701) and what RFC 2784 reserves. */
const RESERVED = 0x4ff8;

/** GRE (RFC 2784, RFC 2890), and version 1 of PPTP. */
export function gre(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (!w.has(start, BASE, end)) return;
  const flags = u16(b, start);
  const type = u16(b, start + 2);
  const version = flags & 7;
  if (version === 1) {
    pptp(w, flags, type, start, end);
    return;
  }
  if (version !== 0 || (flags & RESERVED) !== 0) {
    w.stop(Cut.malformed);
    return;
  }
  const hasChecksum = (flags & CHECKSUM) !== 0;
  const headerEnd =
    start + BASE + (hasChecksum ? 4 : 0) + ((flags & KEY) !== 0 ? 4 : 0) + ((flags & SEQUENCE) !== 0 ? 4 : 0);
  if (!w.has(start, headerEnd - start, end)) return;
  if (hasChecksum) {
    if (u16(b, start + 6) !== 0) {
      w.stop(Cut.malformed);
      return;
    }
    w.zero(start + 4, start + 6, Zeroed.checksum);
  }
  if (!w.keepTo(headerEnd)) return;
  if (tunnelledNext(w, type, headerEnd, end)) return;
  switch (type) {
    case EtherType.mpls:
      w.next(Proto.mpls, headerEnd, end);
      return;
    case EtherType.erspanI:
      // Type I has no header and no sequence number; type II has both (draft-foschiano-erspan).
      if ((flags & SEQUENCE) === 0) w.next(Proto.ethernet, headerEnd, end);
      else erspan(w, 1, 8, headerEnd, end);
      return;
    case EtherType.erspanIII:
      erspan(w, 2, 12, headerEnd, end);
      return;
    default:
      w.stop(headerEnd < end ? Cut.unknown : Cut.none);
  }
}

function pptp(w: Walk, flags: number, type: number, start: number, end: number): void {
  const hasSequence = (flags & SEQUENCE) !== 0;
  const hasAcknowledgement = (flags & ACKNOWLEDGEMENT) !== 0;
  if ((flags & ~(KEY | SEQUENCE | ACKNOWLEDGEMENT)) !== 1 || (flags & KEY) === 0 || type !== EtherType.ppp) {
    w.stop(Cut.malformed);
    return;
  }
  const headerEnd = start + BASE + 4 + (hasSequence ? 4 : 0) + (hasAcknowledgement ? 4 : 0);
  if (w.has(start, headerEnd - start, end) && w.keepTo(headerEnd)) w.stop(Cut.payload);
}

function erspan(w: Walk, version: number, length: number, start: number, end: number): void {
  const b = w.b;
  if (!w.has(start, length, end)) return;
  if (b[start] >> 4 !== version) {
    w.stop(Cut.malformed);
    return;
  }
  const platform = version === 2 && (b[start + 11] & 1) !== 0 ? 8 : 0;
  const headerEnd = start + length + platform;
  if (w.has(start, headerEnd - start, end) && w.keepTo(headerEnd)) w.next(Proto.ethernet, headerEnd, end);
}
