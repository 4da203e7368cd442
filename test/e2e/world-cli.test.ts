/** `airherd world run` as its users have it: the same file from two processes, and parts of it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Compiled, compile } from '../support/compiled.ts';
import { tsharkComplaints } from '../support/read-frames.ts';

const dir = mkdtempSync(join(tmpdir(), 'airherd-world-cli-'));
const site = join(dir, 'site.yaml');
let compiled: Compiled;

const airherd = (...words: string[]): string =>
  execFileSync(process.execPath, [compiled.main, ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

beforeAll(() => {
  compiled = compile();
  airherd('world', 'make', '--seed', '5', '--out', site);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('two processes write the same file, and tshark finds nothing wrong with it', () => {
  const paths = ['one.pcapng', 'two.pcapng'].map((name) => join(dir, name));
  const said = paths.map((path) =>
    airherd('world', 'run', site, '--for', '30s', '--clients', '20', '--pcap', path, '--json'),
  );
  expect(said[0]).toBe(said[1]);
  expect(JSON.parse(said[0]).frames).toBeGreaterThan(1000);
  expect(readFileSync(paths[0]).equals(readFileSync(paths[1]))).toBe(true);
  expect(tsharkComplaints(paths[0])).toEqual([]);
});

test('one access point alone is what the whole has of it', () => {
  const words = ['world', 'run', site, '--for', '20s', '--clients', '10', '--json'];
  const whole = JSON.parse(airherd(...words)).interfaces;
  const alone = JSON.parse(airherd(...words, '--ap', 'ap1')).interfaces;
  const expected = Object.fromEntries(Object.entries(whole).filter(([name]) => name.startsWith('ap1/')));
  expect(alone).toEqual(expected);
});
