/** Commands that a build joins into one script, with the code that V8 compiled for it. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { JOINED } from '../../cli/joined.ts';
import { compile } from '../support/compiled.ts';

const CAPTURE = new URL('../../fixtures/demo/http.pcap', import.meta.url).pathname;
let built: string;
let copy: string;

beforeAll(() => {
  built = join(compile().dist, '..');
  copy = mkdtempSync(join(tmpdir(), 'airherd-joined-'));
  cpSync(built, copy, { recursive: true, verbatimSymlinks: true });
}, 120_000);
afterAll(() => rmSync(copy, { recursive: true }));

const observed = (root: string) =>
  execFileSync(process.execPath, [join(root, 'dist/cli/main.js'), 'observe', CAPTURE], { encoding: 'utf8' });

/** `joinedScript` in a process with no other flags than a user's: V8 compares them. */
const isRefused = (root: string, name: string) =>
  execFileSync(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { readFileSync } from 'node:fs';
      const [, joined, script] = process.argv;
      const { joinedScript } = await import(joined);
      console.log(joinedScript(script, readFileSync(script, 'latin1')).script.cachedDataRejected);`,
      join(root, 'dist/cli/joined.js'),
      join(root, `dist/cli/joined-${name}.cjs`),
    ],
    { encoding: 'utf8', env: { PATH: process.env.PATH } },
  ).trim();

test.each(Object.keys(JOINED))('the code kept for %s is taken by the Node that built it', (name) => {
  expect(isRefused(built, name)).toBe('false');
});

test('code of another V8 is refused, and the answer is the same', () => {
  const path = join(copy, 'dist/cli/joined-observe.cjs.code');
  const code = readFileSync(path);
  // Behind the magic number, the hash of V8's version.
  code[4] ^= 0xff;
  writeFileSync(path, code);
  expect(isRefused(copy, 'observe')).toBe('true');
  expect(observed(copy)).toBe(observed(built));
});

test('a joined command answers as its modules do', () => {
  rmSync(join(copy, 'dist/cli/joined-observe.cjs'));
  expect(observed(copy)).toBe(observed(built));
});
