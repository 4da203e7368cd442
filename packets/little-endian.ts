/** Little-endian and signed reads (802.11, radiotap and Bluetooth). Callers have checked the bounds. */

export const i8 = (b: Uint8Array, i: number): number => (b[i] << 24) >> 24;

export const u16le = (b: Uint8Array, i: number): number => b[i] | (b[i + 1] << 8);

export const i16le = (b: Uint8Array, i: number): number => (u16le(b, i) << 16) >> 16;

export const u24le = (b: Uint8Array, i: number): number => b[i] | (b[i + 1] << 8) | (b[i + 2] << 16);

/** Unsigned, 0 to 2^32 − 1. */
export const u32le = (b: Uint8Array, i: number): number =>
  (b[i] | (b[i + 1] << 8) | (b[i + 2] << 16) | (b[i + 3] << 24)) >>> 0;

export const u64le = (b: Uint8Array, i: number): bigint =>
  (BigInt(u32le(b, i + 4)) << 32n) | BigInt(u32le(b, i));
