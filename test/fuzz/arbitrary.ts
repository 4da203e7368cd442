/**
 * Random frames: recorded ones, pieces of two, or noise, with up to six changes. AIRHERD_FUZZ_RUNS sets how
 * many (20,000 unless set), AIRHERD_FUZZ_SEED repeats a run.
 */
import fc from 'fast-check';
import type { TestFrame } from '../support/captures.ts';
import { frames, kinds } from './corpus.ts';

export const runs = Number(process.env.AIRHERD_FUZZ_RUNS ?? 20_000);
export const seed = Number(process.env.AIRHERD_FUZZ_SEED ?? Math.trunc(Math.random() * 0x7fffffff));
/** Bytes. */
export const LONGEST = 4_096;
export const TIMEOUT_MS = 120_000 + runs * 10;

const seeds = frames.filter(({ bytes }) => bytes.length <= LONGEST / 2);
const kindSeeds = kinds.filter(({ bytes }) => bytes.length <= LONGEST / 2);
const LINK_TYPES = [0, 1, 101, 105, 113, 119, 127, 163, 192, 228, 229, 276];

/** One change, its numbers taken modulo what the bytes allow. */
export type Change = [kind: number, at: number, value: number, length: number];

export const change: fc.Arbitrary<Change> = fc.tuple(
  fc.nat(5),
  fc.nat(LONGEST),
  fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 4, 6, 0x7f, 0x80, 0xc0, 0xff)),
  fc.nat(64),
);

export function apply(bytes: Uint8Array, [kind, where, value, length]: Change): Uint8Array {
  if (bytes.length === 0) return bytes;
  const at = where % bytes.length;
  const changed = Uint8Array.from(bytes);
  switch (kind) {
    case 0:
      changed[at] = value;
      return changed;
    case 1:
      changed[at] ^= 1 << (value & 7);
      return changed;
    case 2: // two bytes that may be a length
      changed[at] = value & 3;
      if (at + 1 < changed.length) changed[at + 1] = value;
      return changed;
    case 3:
      return bytes.subarray(0, at);
    case 4: // a piece left out
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
    default: // a piece twice
      return Uint8Array.from([...bytes.subarray(0, at + length), ...bytes.subarray(at)]).subarray(0, LONGEST);
  }
}

/** Half of them from one frame of each kind: most recorded frames are ARP. */
const recorded: fc.Arbitrary<TestFrame> = fc.oneof(
  fc.nat(seeds.length - 1).map((i) => seeds[i]),
  fc.nat(kindSeeds.length - 1).map((i) => kindSeeds[i]),
);
const noise: fc.Arbitrary<TestFrame> = fc.record({
  number: fc.constant(0),
  linkType: fc.constantFrom(...LINK_TYPES),
  bytes: fc.uint8Array({ maxLength: 256 }),
});
/** The head of one frame, the tail of another. */
const spliced: fc.Arbitrary<TestFrame> = fc
  .tuple(recorded, recorded, fc.nat(LONGEST), fc.nat(LONGEST))
  .map(([a, b, cutA, cutB]) => ({
    ...a,
    bytes: Uint8Array.from([
      ...a.bytes.subarray(0, cutA % (a.bytes.length + 1)),
      ...b.bytes.subarray(cutB % (b.bytes.length + 1)),
    ]).subarray(0, LONGEST),
  }));

export const frame: fc.Arbitrary<TestFrame> = fc
  .tuple(
    fc.oneof(
      { weight: 6, arbitrary: recorded },
      { weight: 2, arbitrary: spliced },
      { weight: 1, arbitrary: noise },
    ),
    fc.array(change, { maxLength: 6 }),
  )
  .map(([start, changes]) => ({ ...start, bytes: changes.reduce(apply, start.bytes) }));
