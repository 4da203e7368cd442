/** Labs leave nothing behind. 200 of them: npm run soak:labs */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { compile } from '../support/compiled.ts';

const PROGRAM = resolve(import.meta.dirname, '../support/lab-leaks.mjs');

test('labs started and stopped in one process hold no handle, timer, file or descriptor', async () => {
  const { dist } = compile();
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', PROGRAM, dist, '40']);
  const { before, after, left } = JSON.parse(stdout);
  expect(after.resources).toEqual(before.resources);
  expect(after.descriptors).toBe(before.descriptors);
  expect(left).toEqual([]);
  // A lab that stayed would hold megabytes: its database, world and frames.
  expect((after.heapMB - before.heapMB) / 30).toBeLessThan(0.2);
}, 120_000);
