/**
 * Random frames, captures and slices. AIRHERD_FUZZ_RUNS sets the number of frames (20,000 unless set), and
 * AIRHERD_FUZZ_SEED repeats a run; a failure prints the seed and the smallest input that fast-check found.
 * What it finds is kept in fixtures/crashes, where `crashes.test.ts` replays it for good.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { CaptureReader } from '../../packets/pcap/reader.ts';
import { CONTROL_PROTOCOLS } from '../../packets/slice/options.ts';
import { Slicer } from '../../packets/slice/slicer.ts';
import { capturesBelow } from '../support/captures.ts';
import { apply, type Change, change, frame, LONGEST, runs, seed, TIMEOUT_MS } from './arbitrary.ts';
import { Surroundings } from './inspect.ts';

const paths = capturesBelow('fixtures');
const parameters = { numRuns: runs, seed };

describe(`random input, seed ${seed}`, () => {
  it(`${runs} frames decode without a throw or a read beyond them`, { timeout: TIMEOUT_MS }, () => {
    const around = new Surroundings(LONGEST);
    fc.assert(
      fc.property(frame, ({ bytes, linkType }) => {
        around.inspect(bytes, linkType);
      }),
      parameters,
    );
  });

  it(`${runs} frames are sliced to a prefix with zeros, the same in any memory`, {
    timeout: TIMEOUT_MS,
  }, () => {
    const slicers = [
      new Slicer(),
      new Slicer({ mode: 'control', control: CONTROL_PROTOCOLS, ssid: 'keep', ts: 'zero' }),
    ];
    const target = new Uint8Array(LONGEST);
    const again = new Uint8Array(LONGEST);
    const within = new Uint8Array(2 * LONGEST);
    fc.assert(
      fc.property(frame, fc.nat(255), fc.constantFrom(...slicers), ({ bytes, linkType }, filler, slicer) => {
        const { length } = bytes;
        const kept = slicer.slice(bytes, 0, length, length, linkType, target, 0);
        if (kept < 0 || kept > length) throw new Error(`kept ${kept} of ${length}`);
        for (let i = 0; i < kept; i++) {
          if (target[i] !== 0 && target[i] !== bytes[i]) throw new Error(`byte ${i} is not the frame's`);
        }
        within.fill(filler);
        within.set(bytes, LONGEST / 2);
        const keptWithin = slicer.slice(within, LONGEST / 2, length, length, linkType, again, 0);
        if (keptWithin !== kept)
          throw new Error(`kept ${kept} alone, ${keptWithin} among bytes of ${filler}`);
        for (let i = 0; i < kept; i++) if (again[i] !== target[i]) throw new Error(`byte ${i} differs`);
      }),
      parameters,
    );
  });

  const captures = paths.map((path) => readFileSync(path)).filter(({ length }) => length < 20_000);
  const captureRuns = Math.ceil(runs / 10);
  it(`${captureRuns} captures are read without a throw, in any chunks alike`, { timeout: TIMEOUT_MS }, () => {
    /** Frames and outcome of `bytes` fed in chunks of `size`. */
    const read = (bytes: Uint8Array, size: number): string => {
      const reader = new CaptureReader();
      let text = '';
      for (let at = 0; at < bytes.length; at += size) {
        reader.feed(bytes.subarray(at, at + size));
        while (reader.next()) {
          const { start, end, seconds, nanoseconds, linkType } = reader.frame;
          if (start < 0 || end < start || end > reader.frame.buffer.length)
            throw new Error(`${start}..${end}`);
          text += `${end - start} ${seconds} ${nanoseconds} ${linkType}\n`;
        }
      }
      return text + JSON.stringify(reader.end());
    };
    fc.assert(
      fc.property(
        fc.nat(captures.length - 1),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 5_000 }),
        (index, changes, size) => {
          const bytes = changes.reduce(applyLong, Uint8Array.from(captures[index]));
          const whole = read(bytes, bytes.length + 1);
          const chunked = read(bytes, size);
          if (whole !== chunked) throw new Error(`in chunks of ${size}:\n${chunked}\nwhole:\n${whole}`);
        },
      ),
      { numRuns: captureRuns, seed },
    );
  });
});

/** As `apply`, but in the first kilobyte, where headers are, and without the limit on length. */
function applyLong(bytes: Uint8Array, [kind, where, value, length]: Change): Uint8Array {
  const head = Math.min(1_024, bytes.length);
  if (head === 0 || kind === 5) return bytes;
  const changed = apply(bytes.subarray(0, head), [kind === 3 ? 0 : kind, where, value, length]);
  if (kind === 3) return bytes.subarray(0, where % bytes.length);
  return Uint8Array.from(Buffer.concat([changed, bytes.subarray(head)]));
}
