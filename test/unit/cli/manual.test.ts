import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { manPage } from '../../../cli/manual/man-page.ts';
import { markdownManual } from '../../../cli/manual/markdown.ts';
import { manualEntries } from '../../../cli/manual/reference.ts';
import { commandTree } from '../../../cli/program.ts';

const entries = manualEntries(await commandTree([]));

test('groff reads the man page without a warning, and shows every command and option', () => {
  const { stdout, stderr, status } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-rLL=200n', '-P-cbou'], {
    input: manPage(entries, '1.2.3'),
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const page = stdout.replace(/[−‐]/g, '-');
  for (const { usage, options } of entries.slice(1)) {
    expect(page).toContain(usage);
    for (const { term } of options.filter(({ term: each }) => each !== '-h, --help'))
      expect(page).toContain(term);
  }
});

test('docs/cli.md is what the commands say of themselves (npm run docs:cli)', () => {
  const page = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
  expect(page).toBe(markdownManual(entries));
});
