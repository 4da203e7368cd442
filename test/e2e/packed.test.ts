import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packed } from '../support/packed.ts';

const NPM = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
const here = mkdtempSync(join(tmpdir(), 'airherd-user-'));
const environment = { ...process.env, AIRHERD_HOME: join(here, 'home'), CI: '' };
let tarball = '';

beforeAll(() => {
  tarball = packed();
});
afterAll(() => {
  rmSync(here, { recursive: true, force: true });
  if (tarball) rmSync(dirname(tarball), { recursive: true, force: true });
});

/** An empty folder in which somebody installs the package. */
function install(name: string, ...flags: string[]): string {
  const folder = join(here, name);
  execFileSync('npm', ['install', '--prefix', folder, ...NPM, ...flags, tarball], { env: environment });
  return folder;
}

function airherd(folder: string, ...words: string[]) {
  return spawnSync('npx', ['--no', '--', 'airherd', ...words], {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
  });
}

describe('the package, installed into an empty folder', () => {
  test('runs the demo, brings its manual, and is a library', () => {
    const folder = install('whole');
    const { stdout, stderr, status } = airherd(folder, 'demo', '--for', '4s', '--json');
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout).devices).toMatchObject([{ state: 'open' }, { state: 'open' }]);
    const manual = join(folder, 'node_modules', 'airherd', 'dist', 'man');
    expect(readdirSync(manual)).toEqual(['airherd.1']);
    const program = `import('airherd').then((all) => console.log(typeof all.createAgent, typeof all.startCloud))`;
    const library = execFileSync(process.execPath, ['-e', program], { cwd: folder, encoding: 'utf8' });
    expect(library).toBe('function function\n');
  });

  test('runs without its optional parts: none built, none there', () => {
    const folder = install('bare', '--omit=optional', '--ignore-scripts');
    const { status, stdout } = airherd(folder, '--help');
    expect(status).toBe(0);
    expect(stdout).toContain('airherd demo');
    const refused = airherd(folder, 'device', 'list');
    expect(refused.status).toBe(7);
    expect(refused.stderr).toMatch(/^airherd: store-damaged: .*Cannot find module '@libsql\/.*\n$/);
  });
});
