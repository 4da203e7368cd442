/** Big-endian reads and the usual texts of addresses. Callers have checked the bounds. */

export const u16 = (b: Uint8Array, i: number): number => (b[i] << 8) | b[i + 1];

export const u24 = (b: Uint8Array, i: number): number => (b[i] << 16) | (b[i + 1] << 8) | b[i + 2];

/** Unsigned, 0 to 2^32 − 1. */
export const u32 = (b: Uint8Array, i: number): number =>
  ((b[i] << 24) | (b[i + 1] << 16) | (b[i + 2] << 8) | b[i + 3]) >>> 0;

/** Unsigned 64 bits; above 2^53 the low bits are lost to a double, so it is a bigint. */
export const u64 = (b: Uint8Array, i: number): bigint => (BigInt(u32(b, i)) << 32n) | BigInt(u32(b, i + 4));

const HEX: string[] = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal of bytes `start`..`end`, with `separator` between bytes. */
export function hex(b: Uint8Array, start: number, end: number, separator = ''): string {
  let text = '';
  for (let i = start; i < end; i++) {
    if (i > start) text += separator;
    text += HEX[b[i]];
  }
  return text;
}

/** `aa:bb:cc:dd:ee:ff` */
export const macText = (b: Uint8Array, i: number): string =>
  `${HEX[b[i]]}:${HEX[b[i + 1]]}:${HEX[b[i + 2]]}:${HEX[b[i + 3]]}:${HEX[b[i + 4]]}:${HEX[b[i + 5]]}`;

export const ipv4Text = (b: Uint8Array, i: number): string => `${b[i]}.${b[i + 1]}.${b[i + 2]}.${b[i + 3]}`;

/** RFC 5952: lower case, the first longest run of two or more zero groups as `::`. */
export function ipv6Text(b: Uint8Array, i: number): string {
  let bestStart = -1;
  let bestLength = 1;
  let runStart = -1;
  for (let group = 0; group < 8; group++) {
    if (u16(b, i + 2 * group) !== 0) {
      runStart = -1;
      continue;
    }
    if (runStart < 0) runStart = group;
    if (group - runStart + 1 > bestLength) {
      bestStart = runStart;
      bestLength = group - runStart + 1;
    }
  }
  let text = '';
  for (let group = 0; group < 8; group++) {
    if (group === bestStart) {
      text += '::';
      group += bestLength - 1;
      continue;
    }
    if (text !== '' && !text.endsWith(':')) text += ':';
    text += u16(b, i + 2 * group).toString(16);
  }
  return text;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** UTF-8 with U+FFFD for what is not. */
export const utf8Text = (b: Uint8Array, start: number, end: number): string =>
  utf8.decode(b.subarray(start, end));

/** `utf8Text` without a run of trailing NULs, common in fixed fields. */
export function text(b: Uint8Array, start: number, end: number): string {
  let last = end;
  while (last > start && b[last - 1] === 0) last--;
  return utf8Text(b, start, last);
}

/** Bytes as the characters U+0000 to U+00FF; for protocols whose text is ASCII (HTTP, SSDP). */
export function latin1(b: Uint8Array, start: number, end: number): string {
  let out = '';
  for (let i = start; i < end; i++) out += String.fromCharCode(b[i]);
  return out;
}
