/** The same seed gives the same payloads in the same order: in two processes, and on two lines of Node. */
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { compile } from '../support/compiled.ts';
import { OWN_TOOLS } from '../tools.mjs';

const PROGRAM = resolve(import.meta.dirname, '../support/lab-digests.mjs');
const run = promisify(execFile);

interface Digests {
  version: string;
  digests: Record<string, string>;
}

let dist: string;
let first: Digests;
const withNode = async (node: string, seed = 41): Promise<Digests> =>
  JSON.parse((await run(node, [PROGRAM, dist, String(seed)])).stdout);

beforeAll(async () => {
  ({ dist } = compile());
  first = await withNode(process.execPath);
}, 120_000);

test('in two processes', async () => {
  expect(Object.keys(first.digests).length).toBeGreaterThan(8);
  expect((await withNode(process.execPath)).digests).toEqual(first.digests);
});

test('on two lines of Node', async () => {
  const other = await withNode(join(OWN_TOOLS, 'node22'));
  expect(other.version.split('.')[0]).not.toBe(process.version.split('.')[0]);
  expect(other.digests).toEqual(first.digests);
});

test('and another seed gives others', async () => {
  expect((await withNode(process.execPath, 42)).digests).not.toEqual(first.digests);
});
