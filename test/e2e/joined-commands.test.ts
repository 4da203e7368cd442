/** What a build makes so that commands start at once: scripts with the code that V8 compiled for them, a list of all. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { JOINED } from '../../cli/joined.ts';
import { OVERVIEW_FILE } from '../../cli/overview.ts';
import { version } from '../../cli/version.ts';
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

/** What each says of the same capture: text, or a capture. */
const WORDS: Record<string, readonly string[]> = {
  observe: ['observe', CAPTURE],
  'pcap-slice': ['pcap', 'slice', CAPTURE, '-'],
};
const answer = (root: string, name: string) =>
  execFileSync(process.execPath, [join(root, 'dist/cli/main.js'), ...WORDS[name]], {
    encoding: 'hex',
    stdio: ['ignore', 'pipe', 'ignore'],
  });

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

describe.each(Object.keys(JOINED))('the script that %s is joined into', (name) => {
  test('is taken with its code by the Node that built it', () => {
    expect(isRefused(built, name)).toBe('false');
  });

  test('gives the same answer when its code is of another V8, and when only its modules are there', () => {
    const expected = answer(built, name);
    expect(expected.length).toBeGreaterThan(1000);
    const script = join(copy, `dist/cli/joined-${name}.cjs`);
    const code = readFileSync(`${script}.code`);
    // Behind the magic number, the hash of V8's version.
    code[4] ^= 0xff;
    writeFileSync(`${script}.code`, code);
    expect(isRefused(copy, name)).toBe('true');
    expect(answer(copy, name)).toBe(expected);
    rmSync(script);
    expect(answer(copy, name)).toBe(expected);
  });
});

test('help about all commands, and the version, load none of them', () => {
  const says = (root: string, word: string) =>
    execFileSync(process.execPath, [join(root, 'dist/cli/main.js'), word], { encoding: 'utf8' });
  rmSync(join(copy, 'dist/cli', OVERVIEW_FILE));
  const whole = says(copy, '--help');
  cpSync(join(built, 'dist/cli', OVERVIEW_FILE), join(copy, 'dist/cli', OVERVIEW_FILE));
  rmSync(join(copy, 'dist/cli/commands'), { recursive: true });
  expect(says(copy, '--version')).toBe(`${version}\n`);
  for (const word of ['--help', '-h', 'help']) expect(says(copy, word)).toBe(whole);
});
