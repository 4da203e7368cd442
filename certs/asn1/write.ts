/**
 * Writes DER (X.690): just what an X.509 certificate is made of. A certificate takes some ten microseconds,
 * so that manufacture runs at the pace of the RSA-4096 signature; what it writes is tested against OpenSSL.
 */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** X.690 8.1.3: short form below 128, else the fewest length bytes. */
function lengthBytes(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export function element(tag: number, ...parts: Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([tag]), lengthBytes(length), ...parts]);
}

export const sequence = (...parts: Uint8Array[]): Buffer => element(TAG.sequence, ...parts);
export const setOf = (part: Uint8Array): Buffer => element(TAG.set, part);
export const octetString = (bytes: Uint8Array): Buffer => element(TAG.octetString, bytes);
export const utf8String = (text: string): Buffer => element(TAG.utf8String, Buffer.from(text, 'utf8'));
export const printableString = (text: string): Buffer =>
  element(TAG.printableString, Buffer.from(text, 'latin1'));
export const booleanTrue = (): Buffer => element(TAG.boolean, Buffer.from([0xff]));

/** Context-specific [number]: constructed holds elements, primitive holds bytes. */
export const explicit = (number: number, ...parts: Uint8Array[]): Buffer => element(0xa0 | number, ...parts);
export const implicit = (number: number, bytes: Uint8Array): Buffer => element(0x80 | number, bytes);

/** Non-negative, big-endian; X.690 8.3.2: no needless leading zero, one where the top bit is set. */
export function integer(value: Uint8Array): Buffer {
  let first = 0;
  while (first < value.length - 1 && value[first] === 0) first++;
  const digits = value.subarray(first);
  return digits[0] >= 0x80
    ? element(TAG.integer, Buffer.from([0]), digits)
    : element(TAG.integer, digits.length === 0 ? Buffer.from([0]) : digits);
}

export const bitString = (bytes: Uint8Array, unusedBits = 0): Buffer =>
  element(TAG.bitString, Buffer.from([unusedBits]), bytes);

/** X.690 8.19: the first two arcs share a byte, the rest are base 128. */
export function oid(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      digits.unshift(0x80 | (left % 128));
    }
    bytes.push(...digits);
  }
  return element(TAG.oid, Buffer.from(bytes));
}

/** RFC 5280 4.1.2.5: UTCTime through 2049, GeneralizedTime after, both to the second and in UTC. */
export function time(ms: number): Buffer {
  const digits = new Date(ms)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '');
  const year = Number(digits.slice(0, 4));
  return year >= 1950 && year < 2050
    ? element(TAG.utcTime, Buffer.from(digits.slice(2), 'latin1'))
    : element(TAG.generalizedTime, Buffer.from(digits, 'latin1'));
}
