import { expect, it } from 'vitest';
import { DEEPEST, failure, kinds, oneByteChanges } from './corpus.ts';

const TIMEOUT_MS = 180_000;

it('every change of one byte in a frame of each kind decodes', { timeout: TIMEOUT_MS }, () => {
  const failures: string[] = [];
  for (const { bytes, linkType } of kinds) {
    for (const { mutant } of oneByteChanges(bytes)) {
      failures.push(...failure(mutant, linkType));
      if (failures.length >= 5) break;
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
