import { u16 } from '../bytes.ts';
import { udpPayload } from './udp-payload.ts';
import { Cut, type Walk, Zeroed } from './walk.ts';

const UDP_HEADER = 8;

/** UDP (RFC 768). */
export function udp(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (!w.has(start, UDP_HEADER, end)) return;
  const length = u16(b, start + 4);
  const payload = start + UDP_HEADER;
  const payloadEnd = start + length;
  if (length < UDP_HEADER || (payloadEnd > end && !w.firstFragment)) {
    w.stop(Cut.malformed);
    return;
  }
  if (payloadEnd > payload) w.zero(start + 6, start + 8, Zeroed.checksum);
  if (!w.keepTo(payload)) return;
  if (payloadEnd > payload && !w.firstFragment) {
    udpPayload(w, u16(b, start), u16(b, start + 2), payload, payloadEnd);
  }
  // Why a tunnel or message was not taken for one would say something of the payload.
  if (w.keep === payload) w.stop(Cut.payload);
}

/** UDP-Lite (RFC 3828): the length field is the checksum's coverage. */
export function udpLite(w: Walk, start: number, end: number): void {
  if (!w.has(start, UDP_HEADER, end)) return;
  const payload = start + UDP_HEADER;
  const coverage = u16(w.b, start + 4);
  if ((coverage !== 0 && coverage < UDP_HEADER) || (start + coverage > end && !w.firstFragment)) {
    w.stop(Cut.malformed);
    return;
  }
  if (end > payload || w.firstFragment) w.zero(start + 6, start + 8, Zeroed.checksum);
  if (w.keepTo(payload)) w.stop(Cut.payload);
}
