import { Draws, hash, subSeed } from '../random.ts';

/** Draws of one being's frames; nobody else's frames move them. */
export const drawsOf = (seed: number, index: number, purpose: string): Draws =>
  new Draws(hash(subSeed(seed, purpose), index));

export function randomOctets(draws: Draws, length: number): Uint8Array {
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) out[i] = draws.bits() >>> 24;
  return out;
}

/** A unicast address that somebody made up (IEEE 802-2014 8.4): locally administered. */
export function madeUpMac(seed: number, index: number, which: number): Uint8Array {
  const high = hash(seed, index, which);
  const low = hash(high, which, index);
  return Uint8Array.of(
    ((high >>> 24) & 0xfc) | 0x02,
    (high >>> 16) & 0xff,
    (high >>> 8) & 0xff,
    high & 0xff,
    low >>> 24,
    (low >>> 16) & 0xff,
  );
}

export const MS = 1000;
export const S = 1_000_000;

/**
 * Counters of frames (sequence numbers, packet numbers) and timetables begin anew in each segment of time, so
 * that a run may begin in any of them. Microseconds.
 */
export const SEGMENT_US = 600 * S;

export const segmentOf = (timeUs: number): number => Math.floor(timeUs / SEGMENT_US);

/** 32 bits for a moment, whole microseconds since the Unix epoch. */
export const momentBits = (seed: number, timeUs: number): number =>
  hash(seed, Math.floor(timeUs / 2 ** 32), timeUs | 0);
