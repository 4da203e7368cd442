/** Bytes as frames are written: big-endian where a network protocol, little-endian where 802.11 or Bluetooth. */

export type Octets = Uint8Array | readonly number[];

/**
 * Room for frames is taken from slabs: an allocation of its own for each would cost more than what is written
 * into it. A slab stays as long as one of its frames does.
 */
const SLAB_BYTES = 64 * 1024;
let slab = new Uint8Array(SLAB_BYTES);
let used = 0;

/** So many zeros. */
export function fresh(length: number): Uint8Array {
  if (length > SLAB_BYTES >> 3) return new Uint8Array(length);
  if (used + length > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES);
    used = 0;
  }
  const out = slab.subarray(used, used + length);
  used += length;
  return out;
}

export function octets(...parts: readonly Octets[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = fresh(length);
  let at = 0;
  for (const part of parts) {
    // A call of `set` costs more than a header's bytes; a loop that meets one kind of array only costs least.
    if (!(part instanceof Uint8Array)) putNumbers(out, at, part);
    else if (part.length > SHORT) out.set(part, at);
    else putBytes(out, at, part);
    at += part.length;
  }
  return out;
}

const SHORT = 48;

function putBytes(out: Uint8Array, at: number, part: Uint8Array): void {
  for (let i = 0; i < part.length; i++) out[at + i] = part[i];
}

function putNumbers(out: Uint8Array, at: number, part: readonly number[]): void {
  for (let i = 0; i < part.length; i++) out[at + i] = part[i];
}

export const be16 = (n: number): number[] => [(n >>> 8) & 0xff, n & 0xff];
export const be32 = (n: number): number[] => [n >>> 24, (n >>> 16) & 0xff, (n >>> 8) & 0xff, n & 0xff];
export const le16 = (n: number): number[] => [n & 0xff, (n >>> 8) & 0xff];
export const le32 = (n: number): number[] => [n & 0xff, (n >>> 8) & 0xff, (n >>> 16) & 0xff, n >>> 24];

/** Non-negative integer up to 2^53 − 1 in eight bytes. */
export const le64 = (n: number): number[] => [...le32(n % 2 ** 32), ...le32(Math.floor(n / 2 ** 32))];
export const be64 = (n: number): number[] => [...be32(Math.floor(n / 2 ** 32)), ...be32(n % 2 ** 32)];

const encoder = new TextEncoder();
export const utf8 = (text: string): Uint8Array => encoder.encode(text);

/** `aa:bb:cc:dd:ee:ff` */
export function macBytes(text: string): Uint8Array {
  const out = new Uint8Array(6);
  for (let i = 0; i < 6; i++) out[i] = Number.parseInt(text.slice(3 * i, 3 * i + 2), 16);
  return out;
}

/** `192.0.2.1`; asked for each packet, so without the pieces that `split` would make. */
export function ipv4Bytes(text: string): Uint8Array {
  const out = new Uint8Array(4);
  let octet = 0;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      out[octet++] = value;
      value = 0;
    } else value = 10 * value + code - ZERO;
  }
  out[octet] = value;
  return out;
}

const DOT = 0x2e;
const ZERO = 0x30;

/** Any text of RFC 4291 2.2 without an embedded IPv4 address. */
export function ipv6Bytes(text: string): Uint8Array {
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').flatMap((group) => be16(Number.parseInt(group, 16)));
  const [head, tail] = text.split('::').map(groups);
  if (tail === undefined) return Uint8Array.from(head);
  return octets(head, new Uint8Array(16 - head.length - tail.length), tail);
}

export const BROADCAST_MAC: Uint8Array = new Uint8Array(6).fill(0xff);

/** Type, length and value, one byte each for the first two: 802.11 elements, DHCPv4 options, AD structures. */
export const element = (id: number, body: Octets): Uint8Array => octets([id, body.length], body);
