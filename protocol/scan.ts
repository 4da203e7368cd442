/**
 * Well-formedness of CBOR (RFC 8949 appendix C), narrowed to what our messages use: no tags, no indefinite
 * lengths, text keys in maps, bounded depth and item count. cbor-x decodes bignum tags in quadratic time and
 * builds RegExps from input, so that nothing reaches it before this has passed.
 */
const MAX_DEPTH = 8;
const MAX_ITEMS = 65_536;

/** Null when the bytes are one such item and nothing else; otherwise what is wrong and where. */
export function scanCbor(bytes: Uint8Array): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** Items still to come at each level; a map's count is doubled, and is odd when a value is due. */
  const remaining: number[] = [1];
  const inMap: boolean[] = [false];
  let at = 0;
  let items = 0;
  while (remaining.length > 0) {
    const level = remaining.length - 1;
    if (remaining[level] === 0) {
      remaining.pop();
      inMap.pop();
      continue;
    }
    if (at >= bytes.length) return `CBOR ends inside an item at byte ${at}`;
    if (++items > MAX_ITEMS) return `CBOR has more than ${MAX_ITEMS} items`;
    const start = at;
    const major = bytes[at] >> 5;
    const info = bytes[at] & 31;
    at++;
    let argument = info;
    if (info >= 24) {
      const width = info === 24 ? 1 : info === 25 ? 2 : info === 26 ? 4 : info === 27 ? 8 : 0;
      if (width === 0) return `CBOR indefinite or reserved length at byte ${start}`;
      if (at + width > bytes.length) return `CBOR ends inside an item at byte ${start}`;
      if (width === 1) argument = bytes[at];
      else if (width === 2) argument = view.getUint16(at);
      else if (width === 4) argument = view.getUint32(at);
      else argument = Number(view.getBigUint64(at));
      at += width;
    }
    const isKey = inMap[level] && remaining[level] % 2 === 0;
    if (isKey && major !== 3) return `CBOR map key that is not text at byte ${start}`;
    remaining[level]--;
    if (major === 6) return `CBOR tag at byte ${start}`;
    if (major === 7) {
      if (info < 20 || info === 24) return `CBOR simple value at byte ${start}`;
    } else if (major <= 1) {
      if (argument > Number.MAX_SAFE_INTEGER) return `CBOR integer beyond 2^53 at byte ${start}`;
    } else if (major <= 3) {
      if (argument > bytes.length - at) return `CBOR ends inside a string at byte ${start}`;
      at += argument;
    } else {
      const count = major === 5 ? argument * 2 : argument;
      if (count > bytes.length - at) return `CBOR ends inside a list at byte ${start}`;
      if (remaining.length >= MAX_DEPTH) return `CBOR nested deeper than ${MAX_DEPTH} at byte ${start}`;
      remaining.push(count);
      inMap.push(major === 5);
    }
  }
  return at === bytes.length ? null : `CBOR followed by ${bytes.length - at} more bytes`;
}
