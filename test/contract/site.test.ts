import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const out = mkdtempSync(join(tmpdir(), 'airherd-site-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

test('the documentation site is built: every page has its place, every link leads somewhere', () => {
  const builder = join(root, 'docs', 'site');
  const npm = spawnSync(
    'npm',
    ['ci', '--prefix', builder, '--ignore-scripts', '--prefer-offline', '--no-audit'],
    {
      encoding: 'utf8',
    },
  );
  expect(npm.status, npm.stderr).toBe(0);
  const build = spawnSync(process.execPath, [join(builder, 'build.mjs'), out], { encoding: 'utf8' });
  expect(build.status, build.stderr).toBe(0);
  expect(readFileSync(join(out, 'index.html'), 'utf8')).toContain('<h1 id="airherd">airherd</h1>');
  for (const of of ['index.createAgent', 'testing.startLab'])
    expect(existsSync(join(out, 'reference', 'functions', `${of}.html`)), of).toBe(true);
});
