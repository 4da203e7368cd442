import { u16 } from '../bytes.ts';
import { Cut, type Walk, Zeroed } from './walk.ts';

const SCTP_COMMON = 12;
const SCTP_CHUNK = 4;
const SCTP_DATA = 0;
const SCTP_I_DATA = 64;
const SCTP_DATA_HEADER = 16;
/** RFC 8260 §2.1 */
const SCTP_I_DATA_HEADER = 20;

/** SCTP (RFC 9260): common header and the headers of chunks; their bodies are zeroed, user data ends it. */
export function sctp(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (!w.has(start, SCTP_COMMON, end)) return;
  if (end > start + SCTP_COMMON) w.zero(start + 8, start + 12, Zeroed.checksum);
  if (!w.keepTo(start + SCTP_COMMON)) return;
  for (let i = start + SCTP_COMMON; i < end; ) {
    if (!w.has(i, SCTP_CHUNK, end)) return;
    const type = b[i];
    const length = u16(b, i + 2);
    if (length < SCTP_CHUNK || i + length > end) {
      w.stop(Cut.malformed);
      return;
    }
    if (type === SCTP_DATA || type === SCTP_I_DATA) {
      const header = type === SCTP_DATA ? SCTP_DATA_HEADER : SCTP_I_DATA_HEADER;
      if (length < header) {
        w.stop(Cut.malformed);
        return;
      }
      if (w.has(i, header, end) && w.keepTo(i + header)) w.stop(Cut.payload);
      return;
    }
    if (!w.keepTo(i + SCTP_CHUNK)) return;
    w.stop(Cut.payload);
    const padded = (length + 3) & ~3;
    w.zero(i + SCTP_CHUNK, Math.min(i + padded, w.cap), Zeroed.parameters);
    i += padded;
  }
}
