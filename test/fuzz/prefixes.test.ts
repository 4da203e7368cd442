import { describe, expect, it } from 'vitest';
import { dissect } from '../../packets/dissect.ts';
import { Dissection } from '../../packets/dissection.ts';
import { capturesBelow, framesOf, type TestFrame } from '../support/captures.ts';
import { Surroundings } from './inspect.ts';

const around = new Surroundings(70_000);
const distinct = new Map<string, TestFrame>();
for (const path of capturesBelow('fixtures')) {
  for (const frame of framesOf(path)) {
    distinct.set(`${frame.linkType} ${Buffer.from(frame.bytes).toString('latin1')}`, frame);
  }
}
const frames = [...distinct.values()];

/** One frame for each stack of layers, the shortest: mutations of its like would tell nothing new. */
const shortest = new Map<string, TestFrame>();
const d = new Dissection();
for (const frame of frames) {
  dissect(d, frame.bytes, frame.linkType);
  const stack = `${frame.linkType} ${d.proto.subarray(0, d.count).join(' ')} ${d.faultKind}`;
  if (frame.bytes.length < (shortest.get(stack)?.bytes.length ?? Number.POSITIVE_INFINITY)) {
    shortest.set(stack, frame);
  }
}

/** What `action` throws, with the bytes that made it throw. */
function failure(bytes: Uint8Array, linkType: number): string[] {
  try {
    around.inspect(bytes, linkType);
    return [];
  } catch (error) {
    return [`link type ${linkType}, ${Buffer.from(bytes).toString('hex')}: ${error}`];
  }
}

describe('decoders', () => {
  it('take every prefix of every recorded frame without a throw or a read beyond it', () => {
    const failures: string[] = [];
    for (const { bytes, linkType } of frames) {
      for (let length = 0; length <= bytes.length && failures.length < 5; length++) {
        failures.push(...failure(bytes.subarray(0, length), linkType));
      }
    }
    expect(failures).toEqual([]);
  }, 120_000);

  it('take every change of one byte in a frame of each kind', () => {
    const failures: string[] = [];
    for (const { bytes, linkType } of shortest.values()) {
      const mutant = Uint8Array.from(bytes);
      // All values in small frames; in others those at the edges of lengths, types and flags.
      const values = bytes.length <= 80 ? Array.from({ length: 255 }, (_, i) => i + 1) : [1, 3, 0x80, 0xff];
      for (let at = 0; at < Math.min(bytes.length, 400) && failures.length < 5; at++) {
        for (const value of values) {
          mutant[at] = bytes[at] ^ value;
          failures.push(...failure(mutant, linkType));
        }
        mutant[at] = bytes[at];
      }
    }
    expect(failures).toEqual([]);
  }, 120_000);

  it('take every two bytes as a length that lies', () => {
    const failures: string[] = [];
    for (const { bytes, linkType } of shortest.values()) {
      const mutant = Uint8Array.from(bytes);
      for (let at = 0; at + 1 < Math.min(bytes.length, 400) && failures.length < 5; at++) {
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
  }, 120_000);
});
