import { u16 } from '../bytes.ts';
import { u16le } from '../little-endian.ts';
import { Proto } from '../protocols.ts';
import { elements, UNSTATED_FCS } from './elements.ts';
import { Cut, type Walk, Zeroed } from './walk.ts';

const THREE_ADDRESSES = 24;
const ADDRESS = 6;
const QOS_CONTROL = 2;
const HT_CONTROL = 4;
const Type = { management: 0, control: 1, data: 2 } as const;

const TO_DS = 0x01;
const FROM_DS = 0x02;
const PROTECTED = 0x40;
const ORDER = 0x80;

/** Up to here of a frame that failed its checksum: frame control, duration and at most two addresses. */
const BAD_FCS_KEPT = 16;
const ONE_ADDRESS = 10;

/** 802.11 MAC header (IEEE 802.11-2020 9.2.4, 9.3). */
export function ieee80211(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (!w.has(start, ONE_ADDRESS, end)) return;
  const frameControl = b[start];
  if ((frameControl & 3) !== 0) {
    w.stop(Cut.malformed);
    return;
  }
  const type = (frameControl >> 2) & 3;
  if (w.badFcs) {
    const length = type === Type.control ? ONE_ADDRESS : BAD_FCS_KEPT;
    if (w.has(start, length, end)) w.keepTo(start + length);
    w.stop(Cut.badFcs);
    return;
  }
  switch (type) {
    case Type.management:
      management(w, start, end);
      return;
    case Type.control:
      control(w, start, end);
      return;
    case Type.data:
      data(w, start, end);
      return;
    default:
      w.stop(Cut.unknown);
  }
}

/** Header lengths of control frames by subtype; 0 for those that are reserved or have no fixed form. */
const CONTROL_LENGTH = [0, 0, 16, 10, 16, 16, 0, 16, 16, 16, 16, 16, 10, 10, 16, 16];
const BLOCK_ACK_REQUEST = 8;
const BLOCK_ACK = 9;

/** IEEE 802.11-2020 9.3.1 */
function control(w: Walk, start: number, end: number): void {
  const b = w.b;
  const subtype = b[start] >> 4;
  let length = CONTROL_LENGTH[subtype];
  if (length === 0) {
    w.stop(Cut.unknown);
    return;
  }
  if (!w.has(start, length, end)) return;
  if (subtype === BLOCK_ACK_REQUEST || subtype === BLOCK_ACK) {
    if (!w.has(start, length + 2, end)) return;
    const variant = (b[start + length] >> 1) & 0x0f;
    length += 2;
    // Basic and compressed have a starting sequence number, and a BlockAck its bitmap (9.3.1.8).
    if (variant === 0) length += subtype === BLOCK_ACK ? 2 + 128 : 2;
    else if (variant === 2) length += subtype === BLOCK_ACK ? 2 + 8 : 2;
    if (!w.has(start, length, end)) length = CONTROL_LENGTH[subtype] + 2;
  }
  if (w.keepTo(start + length)) w.stop(start + length < end ? Cut.payload : Cut.none);
}

/** Fixed fields of management frames by subtype (IEEE 802.11-2020 9.3.3); −1 for reserved. */
const FIXED_FIELDS = [4, 6, 10, 6, 0, 12, 10, -1, 12, 0, 2, 6, 2, 2, 2, -1];
const TIMING_ADVERTISEMENT = 6;
const ATIM = 9;
const AUTHENTICATION = 11;
const ACTION = 13;
const ACTION_NO_ACK = 14;
const OPEN_SYSTEM = 0;
const SHARED_KEY = 1;
const FIRST_VENDOR_CATEGORY = 126;

function management(w: Walk, start: number, end: number): void {
  const b = w.b;
  const subtype = b[start] >> 4;
  const flags = b[start + 1];
  const fixed = FIXED_FIELDS[subtype];
  if (fixed < 0) {
    w.stop(Cut.unknown);
    return;
  }
  const header = THREE_ADDRESSES + ((flags & ORDER) !== 0 ? HT_CONTROL : 0);
  if (!w.has(start, header, end) || !w.keepTo(start + header)) return;
  const body = start + header;
  if ((flags & PROTECTED) !== 0) {
    protectedBody(w, body, end);
    return;
  }
  if ((b[start + 22] & 0x0f) !== 0) {
    w.stop(Cut.fragment);
    return;
  }
  if (subtype === ACTION || subtype === ACTION_NO_ACK) {
    // Vendor-specific categories have an organisation where others have their action.
    if (!w.has(body, 1, end)) return;
    const length = (b[body] & 0x7f) >= FIRST_VENDOR_CATEGORY ? 1 : 2;
    if (w.has(body, length, end) && w.keepTo(body + length)) w.stop(Cut.payload);
    return;
  }
  if (!w.has(body, fixed, end) || !w.keepTo(body + fixed)) return;
  if (body + fixed < end) w.stop(Cut.payload);
  if (subtype === TIMING_ADVERTISEMENT || subtype === ATIM) return;
  if (subtype === AUTHENTICATION) {
    // SAE commits and confirms, FT and FILS follow the fixed fields without element headers.
    const algorithm = u16le(b, body);
    if (algorithm !== OPEN_SYSTEM && algorithm !== SHARED_KEY) return;
  }
  elements(w, body + fixed, end);
}

function data(w: Walk, start: number, end: number): void {
  const b = w.b;
  const subtype = b[start] >> 4;
  const flags = b[start + 1];
  const toDs = (flags & TO_DS) !== 0;
  const fromDs = (flags & FROM_DS) !== 0;
  const isQos = (subtype & 8) !== 0;
  const qosAt = start + THREE_ADDRESSES + (toDs && fromDs ? ADDRESS : 0);
  const header = qosAt - start + (isQos ? QOS_CONTROL + ((flags & ORDER) !== 0 ? HT_CONTROL : 0) : 0);
  if (!w.has(start, header, end)) return;
  const hasNoBody = (subtype & 4) !== 0;
  if (hasNoBody) {
    if (w.keepTo(start + header)) w.stop(start + header < end ? Cut.payload : Cut.none);
    return;
  }
  let body = start + header;
  if (w.dataPad) {
    body = start + ((header + 3) & ~3);
    w.zero(start + header, Math.min(body, w.cap), Zeroed.metadata);
  }
  if (!w.keepTo(start + header)) return;
  if ((flags & PROTECTED) !== 0) {
    protectedBody(w, body, end);
    return;
  }
  if ((b[start + 22] & 0x0f) !== 0) {
    w.stop(Cut.fragment);
    return;
  }
  w.stop(Cut.payload);
  const isAmsdu = isQos && (b[qosAt] & 0x80) !== 0;
  // Mesh Control is there only in frames from the distribution system; elsewhere the bit is of a queue size.
  const isMesh = isQos && fromDs && (b[qosAt + 1] & 1) !== 0;
  if (isAmsdu) subframe(w, body, end, isMesh);
  else if (isMesh) {
    const inside = meshControl(w, body, end);
    if (inside >= 0) w.tag(Proto.llc, inside, end);
  } else w.tag(Proto.llc, body, end);
}

const SUBFRAME_HEADER = 14;

/** First subframe of an A-MSDU (IEEE 802.11-2020 9.3.2.2); the others are payload. */
function subframe(w: Walk, start: number, end: number, isMesh: boolean): void {
  if (!w.has(start, SUBFRAME_HEADER, end)) return;
  const inside = start + SUBFRAME_HEADER;
  const insideEnd = inside + u16(w.b, start + 12);
  if (insideEnd > end) {
    w.stop(Cut.malformed);
    return;
  }
  if (w.keepTo(inside) && !isMesh) w.tag(Proto.llc, inside, insideEnd);
}

/** Mesh Control (IEEE 802.11-2020 9.2.4.7.3): 6, 12 or 18 bytes; returns where the MSDU begins, or −1. */
function meshControl(w: Walk, start: number, end: number): number {
  if (!w.has(start, 6, end)) return -1;
  const flags = w.b[start];
  if ((flags & 3) === 3 || (flags & 0xfc) !== 0) {
    w.stop(Cut.malformed);
    return -1;
  }
  const inside = start + 6 + (flags & 3) * ADDRESS;
  return w.has(start, inside - start, end) && w.keepTo(inside) ? inside : -1;
}

const WEP_IV = 4;
const EXTENDED_IV = 8;

/**
 * The clear header of WEP, TKIP, CCMP and GCMP (IEEE 802.11-2020 12.3.2, 12.5.2, 12.5.3): the packet number,
 * never a byte of what is encrypted.
 */
function protectedBody(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (!w.has(start, WEP_IV, end)) return;
  const keyByte = b[start + 3];
  const isTkip = b[start + 1] === ((b[start] | 0x20) & 0x7f);
  const isExtended = (keyByte & 0x3f) === 0x20 && (b[start + 2] === 0 || isTkip);
  const length = isExtended ? EXTENDED_IV : WEP_IV;
  const trailerStart = w.fcsUnstated ? end - UNSTATED_FCS : end;
  if (start + length > trailerStart) {
    w.stop(Cut.malformed);
    return;
  }
  if (!w.has(start, length, end) || !w.keepTo(start + length)) return;
  if (isExtended) w.confirm();
  w.stop(Cut.encrypted);
}
