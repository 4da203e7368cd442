import { u16 } from '../bytes.ts';
import { Cut, type Walk } from './walk.ts';

const HEADER = 4;
const MAX_VERSION = 3;
const Packet = { eap: 0, start: 1, logoff: 2, key: 3 } as const;

/** Descriptor, key information, key length, replay counter (IEEE 802.11 12.7.2); nonces are behind. */
const KEY_KEPT = 13;
/** The RC4 descriptor has no key information field (IEEE 802.1X-2004 7.6). */
const RC4_KEY_KEPT = 11;
const RC4_DESCRIPTOR = 1;
const RSN_DESCRIPTOR = 2;
const WPA_DESCRIPTOR = 254;

const EAP_HEADER = 4;
const EAP_REQUEST = 1;
const EAP_RESPONSE = 2;
const EAP_IDENTITY = 1;
const EAP_EXPANDED = 254;

/** EAPOL (IEEE 802.1X clause 11): no identity, no TLS, and nothing that a password could be tried against. */
export function eapol(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (!w.has(start, HEADER, end)) return;
  const type = b[start + 1];
  const body = start + HEADER;
  const bodyEnd = body + u16(b, start + 2);
  if (b[start] > MAX_VERSION || bodyEnd > end) {
    w.stop(Cut.malformed);
    return;
  }
  if (w.guessing) {
    if (b[start] === 0 || type > Packet.key || bodyEnd !== end) return;
    w.confirm();
  }
  if (!w.keepTo(body)) return;
  if (body < end) w.stop(Cut.payload);
  if (type === Packet.eap) eap(w, body, bodyEnd);
  else if (type === Packet.key) key(w, body, bodyEnd);
}

function key(w: Walk, start: number, end: number): void {
  if (!w.has(start, 1, end)) return;
  const descriptor = w.b[start];
  const isNamed = descriptor === RSN_DESCRIPTOR || descriptor === WPA_DESCRIPTOR;
  const kept = isNamed ? KEY_KEPT : descriptor === RC4_DESCRIPTOR ? RC4_KEY_KEPT : 0;
  if (w.has(start, kept, end) && w.keepTo(start + kept)) w.stop(Cut.payload);
}

/** EAP (RFC 3748 §4). */
function eap(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (!w.has(start, EAP_HEADER, end)) return;
  const eapEnd = start + u16(b, start + 2);
  if (eapEnd < start + EAP_HEADER || eapEnd > end) {
    w.stop(Cut.malformed);
    return;
  }
  const hasType = b[start] === EAP_REQUEST || b[start] === EAP_RESPONSE;
  if (!hasType) {
    if (w.keepTo(start + EAP_HEADER)) w.stop(Cut.payload);
    return;
  }
  const typeEnd = start + EAP_HEADER + 1;
  if (!w.has(start, EAP_HEADER + 1, eapEnd)) return;
  const type = b[typeEnd - 1];
  // Expanded types: vendor and vendor type (RFC 3748 §5.7).
  const headerEnd = type === EAP_EXPANDED ? start + 12 : typeEnd;
  if (!w.has(start, headerEnd - start, eapEnd) || !w.keepTo(headerEnd)) return;
  w.stop(Cut.payload);
  if (type === EAP_IDENTITY && w.controlEap && eapEnd <= w.cap) w.keepTo(eapEnd);
}
