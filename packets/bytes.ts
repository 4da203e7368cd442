/** Reads of integers and addresses out of a frame. The caller has checked the bounds. */

export const u16 = (b: Uint8Array, o: number): number => (b[o] << 8) | b[o + 1];
export const u24 = (b: Uint8Array, o: number): number => (b[o] << 16) | (b[o + 1] << 8) | b[o + 2];
export const u32 = (b: Uint8Array, o: number): number =>
  ((b[o] << 24) | (b[o + 1] << 16) | (b[o + 2] << 8) | b[o + 3]) >>> 0;
export const u64 = (b: Uint8Array, o: number): bigint => (BigInt(u32(b, o)) << 32n) | BigInt(u32(b, o + 4));

export const u16le = (b: Uint8Array, o: number): number => b[o] | (b[o + 1] << 8);
export const u24le = (b: Uint8Array, o: number): number => b[o] | (b[o + 1] << 8) | (b[o + 2] << 16);
export const u32le = (b: Uint8Array, o: number): number =>
  (b[o] | (b[o + 1] << 8) | (b[o + 2] << 16) | (b[o + 3] << 24)) >>> 0;
export const u64le = (b: Uint8Array, o: number): bigint =>
  (BigInt(u32le(b, o + 4)) << 32n) | BigInt(u32le(b, o));

export const i8 = (b: Uint8Array, o: number): number => (b[o] << 24) >> 24;
export const i16le = (b: Uint8Array, o: number): number => (u16le(b, o) << 16) >> 16;

const HEX: readonly string[] = Array.from({ length: 256 }, (_, v) => v.toString(16).padStart(2, '0'));

/** Bytes `from`..`to` as lower-case hexadecimal digits. */
export function hexText(b: Uint8Array, from: number, to: number, separator = ''): string {
  let text = '';
  for (let o = from; o < to; o++) text += (o > from ? separator : '') + HEX[b[o]];
  return text;
}

/** Six bytes as `aa:bb:cc:dd:ee:ff`. */
export const macText = (b: Uint8Array, o: number): string => hexText(b, o, o + 6, ':');

export const ipv4Text = (b: Uint8Array, o: number): string => `${b[o]}.${b[o + 1]}.${b[o + 2]}.${b[o + 3]}`;

/** RFC 5952 text of the 16 bytes at `o`. */
export function ipv6Text(b: Uint8Array, o: number): string {
  let bestAt = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; ) {
    let n = i;
    while (n < 8 && u16(b, o + 2 * n) === 0) n++;
    if (n - i > bestLength) {
      bestAt = i;
      bestLength = n - i;
    }
    i = n === i ? i + 1 : n;
  }
  let text = '';
  for (let i = 0; i < 8; i++) {
    if (i === bestAt) {
      text += '::';
      i += bestLength - 1;
    } else {
      text += (text === '' || text.endsWith(':') ? '' : ':') + u16(b, o + 2 * i).toString(16);
    }
  }
  return text;
}

const utf8 = new TextDecoder('utf-8');
/** Bytes `from`..`to` as UTF-8; invalid sequences become U+FFFD. */
export const utf8Text = (b: Uint8Array, from: number, to: number): string =>
  utf8.decode(b.subarray(from, to));
