/** Domain names on the wire: RFC 1035 §3.1, compression §4.1.4, text form of RFC 4343 §2.1. */
import { utf8Text } from '../bytes.ts';

/** RFC 1035 §3.1: 255 bytes with length bytes and the root. */
const MAX_NAME_BYTES = 255;

export interface DnsName {
  /** Without the final dot; the root is `.`. Dots and backslashes in labels are escaped, UTF-8 is kept. */
  text: string;
  /** Offset behind the name where it stands. */
  next: number;
}

const escaped = (label: string): string =>
  label.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
    /[.\\\u0000-\u001f\u007f]/g,
    (c) => (c === '.' || c === '\\' ? `\\${c}` : `\\${String(c.charCodeAt(0)).padStart(3, '0')}`),
  );

/** The name at `at` of the message that starts at `message`, or null when it is cut off, too long or loops. */
export function dnsName(b: Uint8Array, message: number, at: number, end: number): DnsName | null {
  const labels: string[] = [];
  let here = at;
  let next = -1;
  let bytes = 1;
  // Each pointer must lie before where the last one led, so that a loop cannot be formed.
  let lowest = at;
  for (;;) {
    if (here >= end) return null;
    const length = b[here];
    if (length === 0) {
      if (next < 0) next = here + 1;
      return { text: labels.length === 0 ? '.' : labels.join('.'), next };
    }
    if (length >= 0xc0) {
      if (here + 2 > end) return null;
      const target = message + (((length & 0x3f) << 8) | b[here + 1]);
      if (target >= lowest) return null;
      if (next < 0) next = here + 2;
      here = target;
      lowest = target;
      continue;
    }
    if (length > 63) return null; // 01 and 10 were never put to use (RFC 6891 §5)
    bytes += length + 1;
    if (bytes > MAX_NAME_BYTES || here + 1 + length > end) return null;
    labels.push(escaped(utf8Text(b, here + 1, here + 1 + length)));
    here += 1 + length;
  }
}

/** Offset behind the name at `at`, without following pointers; −1 when it is cut off or malformed. */
export function dnsNameEnd(b: Uint8Array, at: number, end: number): number {
  for (let here = at; here < end; ) {
    const length = b[here];
    if (length === 0) return here + 1;
    if (length >= 0xc0) return here + 2 <= end ? here + 2 : -1;
    if (length > 63) return -1;
    here += 1 + length;
  }
  return -1;
}
