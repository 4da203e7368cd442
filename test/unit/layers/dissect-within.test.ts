import { expect, test } from 'vitest';
import { dissect, dissectWithin } from '../../../packets/dissect.ts';
import { Dissection } from '../../../packets/dissection.ts';
import { layerOf } from '../../../packets/registry.ts';
import { allRecordedFrames } from '../../support/recorded-frames.ts';

/** Everything that a dissection says, with positions counted from the frame's first byte. */
function said(d: Dissection): unknown {
  const layers = Array.from({ length: d.count }, (_, i) => ({
    proto: d.proto[i],
    start: d.start[i] - d.frameStart,
    headerEnd: d.headerEnd[i] - d.frameStart,
    end: d.end[i] - d.frameStart,
    record: layerOf[d.proto[i]]?.record(d, i),
  }));
  return { layers, fault: d.fault };
}

test('a frame inside a larger block is taken apart as it is alone, whatever stands around it', () => {
  const alone = new Dissection();
  const within = new Dissection();
  const frames = allRecordedFrames();
  expect(frames.length).toBeGreaterThan(1000);
  for (const { bytes, linkType, originalLength, file, number } of frames) {
    dissect(alone, bytes, linkType, originalLength);
    const expected = said(alone);
    for (const [offset, around] of [
      [37, 0xff],
      [64, 0x00],
    ]) {
      const block = new Uint8Array(bytes.length + 2 * offset).fill(around);
      block.set(bytes, offset);
      dissectWithin(within, block, offset, offset + bytes.length, linkType, originalLength);
      expect(said(within), `${file} ${number}`).toEqual(expected);
    }
  }
});
