import { transportOf } from './next.ts';
import { Cut, type Walk, Zeroed } from './walk.ts';

const ESP_HEADER = 8;

/** Encapsulating security payload (RFC 4303): SPI and sequence number. */
export function esp(w: Walk, start: number, end: number): void {
  if (w.has(start, ESP_HEADER, end) && w.keepTo(start + ESP_HEADER)) w.stop(Cut.encrypted);
}

const AH_FIXED = 12;

/** Authentication header (RFC 4302): the integrity value covers the payload, so it is zeroed. */
export function ah(w: Walk, start: number, end: number): void {
  const b = w.b;
  if (!w.has(start, AH_FIXED, end)) return;
  const length = (b[start + 1] + 2) * 4;
  if (length < AH_FIXED || (b[start + 2] | b[start + 3]) !== 0) {
    w.stop(Cut.malformed);
    return;
  }
  if (!w.has(start, length, end)) return;
  w.zero(start + AH_FIXED, start + length, Zeroed.authentication);
  if (!w.keepTo(start + length)) return;
  transportOf(w, b[start], start + length, end);
}
