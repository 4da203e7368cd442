import { expect, it } from 'vitest';
import { failure, kinds } from './corpus.ts';

const TIMEOUT_MS = 180_000;
/** Headers end before here; what lies behind is mostly text. */
const DEEPEST = 400;

it('every change of one byte in a frame of each kind decodes', { timeout: TIMEOUT_MS }, () => {
  const failures: string[] = [];
  for (const { bytes, linkType } of kinds) {
    const mutant = Uint8Array.from(bytes);
    // All values in small frames; in others those at the edges of lengths, types and flags.
    const values = bytes.length <= 80 ? Array.from({ length: 255 }, (_, i) => i + 1) : [1, 3, 0x80, 0xff];
    for (let at = 0; at < Math.min(bytes.length, DEEPEST) && failures.length < 5; at++) {
      for (const value of values) {
        mutant[at] = bytes[at] ^ value;
        failures.push(...failure(mutant, linkType));
      }
      mutant[at] = bytes[at];
    }
  }
  expect(kinds.length).toBeGreaterThan(60);
  expect(failures).toEqual([]);
});

it('every two bytes as a length that lies decode', { timeout: TIMEOUT_MS }, () => {
  const failures: string[] = [];
  for (const { bytes, linkType } of kinds) {
    const mutant = Uint8Array.from(bytes);
    for (let at = 0; at + 1 < Math.min(bytes.length, DEEPEST) && failures.length < 5; at++) {
      for (const lie of [0, 1, bytes.length - at, bytes.length - at + 1, 0x7fff, 0xffff]) {
        mutant[at] = lie >> 8;
        mutant[at + 1] = lie & 0xff;
        failures.push(...failure(mutant, linkType));
      }
      mutant[at] = bytes[at];
      mutant[at + 1] = bytes[at + 1];
    }
  }
  expect(failures).toEqual([]);
});
