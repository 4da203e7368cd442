import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AirherdError, CATALOGUE, type ErrorCode } from '../../protocol/errors.ts';

const root = resolve(import.meta.dirname, '../..');
const documented = readFileSync(join(root, 'docs/errors.md'), 'utf8');

const sources = ['agent', 'certs', 'cli', 'cloud-stub', 'fleet', 'packets', 'platform', 'protocol', 'testing']
  .flatMap((top) => readdirSync(join(root, top), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && entry.name !== 'errors.ts')
  .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
  .join('\n');

describe('error catalogue', () => {
  test('docs/errors.md lists each code with its exit code and text, and no other', () => {
    const rows = [...documented.matchAll(/^\| `([a-z0-9-]+)` \| (\d+) \| (.*) \|$/gm)].map(
      ([, code, exit, text]) => ({ code, exit: Number(exit), text }),
    );
    const expected = Object.entries(CATALOGUE).map(([code, entry]) => ({
      code,
      exit: entry.exit,
      text: entry.text,
    }));
    expect(rows).toEqual(expected);
  });

  test.each(Object.keys(CATALOGUE) as ErrorCode[])('%s is used, and reads as one line', (code) => {
    expect(sources.includes(`'${code}'`), 'no source file uses it').toBe(true);
    const keys = [...CATALOGUE[code].text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    const hostile = Object.fromEntries(keys.map((key) => [key, `a\u001b[31m\r\n\u2028b`]));
    expect(new AirherdError(code, hostile).message).not.toMatch(/[\p{Cc}\u2028]/u);
    expect(new AirherdError(code, hostile).exitCode).toBeGreaterThan(0);
  });
});
