/** Reads DER (X.690) from anyone: strict, bounds-checked, and never throws. */
export interface Element {
  tag: number;
  /** The contents. */
  value: Buffer;
  /** Tag, length and contents. */
  raw: Buffer;
}

/**
 * The element that starts at `offset`; null when it is not DER: cut off, indefinite or needlessly long
 * lengths (X.690 10.1), multi-byte tags (X.509 has none).
 */
export function readElement(bytes: Buffer, offset = 0): Element | null {
  if (offset + 2 > bytes.length) return null;
  const tag = bytes[offset];
  if ((tag & 0x1f) === 0x1f) return null;
  let length = bytes[offset + 1];
  let start = offset + 2;
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 3 || start + count > bytes.length) return null;
    length = bytes.readUIntBE(start, count);
    if (length < 0x80 || length < 2 ** (8 * (count - 1))) return null;
    start += count;
  }
  const end = start + length;
  if (end > bytes.length) return null;
  return { tag, value: bytes.subarray(start, end), raw: bytes.subarray(offset, end) };
}

/** Every element of a constructed value, in order; null when one is malformed. */
export function readElements(bytes: Buffer): Element[] | null {
  const elements: Element[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const next = readElement(bytes, offset);
    if (next === null) return null;
    elements.push(next);
    offset += next.raw.length;
  }
  return elements;
}

/** The elements of the one constructed element that `bytes` must be; null for anything else. */
export function readWhole(bytes: Buffer, tag: number): Element[] | null {
  const outer = readElement(bytes);
  if (outer === null || outer.tag !== tag || outer.raw.length !== bytes.length) return null;
  return readElements(outer.value);
}

/** Contents of an OBJECT IDENTIFIER in dotted form; null when malformed or beyond 2^53. */
export function readOid(value: Buffer): string | null {
  const arcs: number[] = [];
  let arc = 0;
  for (let index = 0; index < value.length; index++) {
    arc = arc * 128 + (value[index] & 0x7f);
    if (!Number.isSafeInteger(arc)) return null;
    if (value[index] < 0x80) {
      arcs.push(arc);
      arc = 0;
    } else if (index === value.length - 1) return null;
  }
  if (arcs.length === 0) return null;
  const first = Math.min(2, Math.floor(arcs[0] / 40));
  return [first, arcs[0] - first * 40, ...arcs.slice(1)].join('.');
}

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

/** RFC 5280 4.1.2.5.1: a two-digit year of 50 and above is of the last century. Null when malformed. */
export function readTime({ tag, value }: Element): number | null {
  const match = (tag === 0x17 ? UTC_TIME : tag === 0x18 ? GENERALIZED_TIME : null)?.exec(
    value.toString('latin1'),
  );
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
  const fullYear = tag === 0x18 ? year : year >= 50 ? 1900 + year : 2000 + year;
  const ms = Date.UTC(fullYear, month - 1, day, hour, minute, second);
  // Date.UTC carries over what is out of range: then it does not read as it was written
  const digits = new Date(ms).toISOString().replace(/\D/g, '').slice(0, 14);
  return digits.endsWith(match.slice(1).join('')) ? ms : null;
}
