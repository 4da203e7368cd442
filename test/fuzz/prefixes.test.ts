import { expect, it } from 'vitest';
import { failure, frames } from './corpus.ts';

it('every prefix of every recorded frame decodes without a throw or a read beyond it', {
  timeout: 180_000,
}, () => {
  const failures: string[] = [];
  for (const { bytes, linkType } of frames) {
    for (let length = 0; length <= bytes.length && failures.length < 5; length++) {
      failures.push(...failure(bytes.subarray(0, length), linkType));
    }
  }
  expect(frames.length).toBeGreaterThan(1_000);
  expect(failures).toEqual([]);
});
