import { u16le, u32le } from '../little-endian.ts';
import { Proto } from '../protocols.ts';
import { Cut, type Walk, Zeroed } from './walk.ts';

const FIXED = 8;
const FCS = 4;

const BIT_TLVS = 28;
const BIT_RADIOTAP_NAMESPACE = 29;
const BIT_VENDOR_NAMESPACE = 30;
const BIT_MORE = 31;

/** Alignment and size of the fields that are defined, by bit number (radiotap.org). */
const FIELDS: readonly (readonly [align: number, size: number])[] = [
  [8, 8],
  [1, 1],
  [1, 1],
  [2, 4],
  [2, 2],
  [1, 1],
  [1, 1],
  [2, 2],
  [2, 2],
  [2, 2],
  [1, 1],
  [1, 1],
  [1, 1],
  [1, 1],
  [2, 2],
  [2, 2],
  [1, 1],
  [1, 1],
  [4, 8],
  [1, 3],
  [4, 8],
  [2, 12],
  [8, 12],
  [2, 12],
  [2, 12],
  [2, 6],
  [1, 1],
  [2, 4],
];
const FLAGS_FIELD = 1;
const FLAG_FCS_AT_END = 0x10;
const FLAG_DATA_PAD = 0x20;
const FLAG_BAD_FCS = 0x40;

const VENDOR_HEADER = 6;
const TLV_HEADER = 4;
const TLV_VENDOR = 30;
const TLV_VENDOR_KEPT = 8;

/**
 * Radiotap is what the capturing radio measured, and kept whole but for vendors' data. Behind a field that is
 * not defined nothing can be located: from there to the end it is zeroed.
 */
export function radiotap(w: Walk, start: number): void {
  const b = w.b;
  if (!w.has(start, FIXED, w.wire)) return;
  const length = u16le(b, start + 2);
  const headerEnd = start + length;
  if (b[start] !== 0 || length < FIXED) {
    w.stop(Cut.malformed);
    return;
  }
  if (!w.has(start, length, w.wire)) return;
  // Writers pad with zeros, which need not be zeroed.
  let known = fields(w, start, headerEnd);
  while (known < headerEnd && b[known] === 0) known++;
  w.zero(known, headerEnd, Zeroed.metadata);
  w.metadataTo(headerEnd);
  w.next(Proto.ieee80211, headerEnd, w.wire);
}

/**
 * Where the fields of a header with one presence word end and where Flags stand (0: absent), by a hash of that
 * word: a capture has few different ones, and nothing but the word decides.
 */
const LAYOUTS = 64;
const layoutWord = new Int32Array(LAYOUTS);
const layoutEnd = new Int32Array(LAYOUTS);
const layoutFlags = new Int32Array(LAYOUTS);
/** Vendor namespace, TLVs, another word: not only defined fields. */
const BEYOND_FIELDS = (1 << BIT_MORE) | (1 << BIT_VENDOR_NAMESPACE) | (1 << BIT_TLVS);
const FIRST_WORD_END = 8;

/** Reads all namespaces; returns up to where fields could be told apart. */
function fields(w: Walk, start: number, end: number): number {
  const present = u32le(w.b, start + 4) | 0;
  if ((present & BEYOND_FIELDS) !== 0) return namespaces(w, start, end);
  const slot = Math.imul(present, 0x9e3779b1) >>> 26;
  if (layoutWord[slot] !== present || layoutEnd[slot] === 0) layOut(slot, present);
  if (start + layoutEnd[slot] > end) return namespaces(w, start, end);
  if (layoutFlags[slot] !== 0) readFlags(w, w.b[start + layoutFlags[slot]]);
  return start + layoutEnd[slot];
}

function layOut(slot: number, present: number): void {
  let at = FIRST_WORD_END;
  layoutFlags[slot] = 0;
  for (let bit = 0; bit < BIT_TLVS; bit++) {
    if (((present >>> bit) & 1) === 0) continue;
    const [align, size] = FIELDS[bit];
    at = Math.ceil(at / align) * align;
    if (bit === FLAGS_FIELD) layoutFlags[slot] = at;
    at += size;
  }
  layoutWord[slot] = present;
  layoutEnd[slot] = at;
}

function namespaces(w: Walk, start: number, end: number): number {
  const b = w.b;
  let bitmap = start + 4;
  let at = bitmap;
  do {
    if (at + 4 > end) return start + 4;
    at += 4;
  } while (b[at - 1] >> 7 !== 0);
  let inVendorNamespace = false;
  let isFirst = true;
  for (;;) {
    const present = u32le(b, bitmap);
    if (!inVendorNamespace) {
      for (let bit = 0; bit < BIT_TLVS; bit++) {
        if (((present >>> bit) & 1) === 0) continue;
        const [align, size] = FIELDS[bit];
        at = start + Math.ceil((at - start) / align) * align;
        if (at + size > end) return Math.min(at, end);
        if (isFirst && bit === FLAGS_FIELD) readFlags(w, b[at]);
        at += size;
      }
      if (((present >>> BIT_TLVS) & 1) !== 0) return tlvs(w, start, at, end);
    }
    isFirst = false;
    if (((present >>> BIT_VENDOR_NAMESPACE) & 1) !== 0) {
      at = start + Math.ceil((at - start) / 2) * 2;
      if (at + VENDOR_HEADER > end) return Math.min(at, end);
      const next = at + VENDOR_HEADER + u16le(b, at + 4);
      if (next > end) return at;
      w.zero(at + VENDOR_HEADER, next, Zeroed.metadata);
      at = next;
      inVendorNamespace = true;
    } else if (((present >>> BIT_RADIOTAP_NAMESPACE) & 1) !== 0) inVendorNamespace = false;
    if (((present >>> BIT_MORE) & 1) === 0) return at;
    bitmap += 4;
  }
}

function readFlags(w: Walk, flags: number): void {
  w.stateFcs((flags & FLAG_FCS_AT_END) !== 0 ? FCS : 0);
  w.dataPad = (flags & FLAG_DATA_PAD) !== 0;
  w.badFcs = (flags & FLAG_BAD_FCS) !== 0;
}

function tlvs(w: Walk, start: number, from: number, end: number): number {
  const b = w.b;
  let at = start + ((from - start + 3) & ~3);
  while (at + TLV_HEADER <= end) {
    const type = u16le(b, at);
    const bodyEnd = at + TLV_HEADER + u16le(b, at + 2);
    const next = at + TLV_HEADER + ((bodyEnd - at - TLV_HEADER + 3) & ~3);
    if (bodyEnd > end) return at;
    if (type === TLV_VENDOR)
      w.zero(Math.min(at + TLV_HEADER + TLV_VENDOR_KEPT, bodyEnd), bodyEnd, Zeroed.metadata);
    at = Math.min(next, end);
  }
  return at;
}
