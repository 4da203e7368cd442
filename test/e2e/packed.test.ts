import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeBlocks } from '../support/code-blocks.ts';
import { packed } from '../support/packed.ts';

const NPM = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
const here = mkdtempSync(join(tmpdir(), 'airherd-user-'));
const environment = { ...process.env, AIRHERD_HOME: join(here, 'home'), CI: '' };
/** Runners of suites, as this checkout has them. */
const modules = resolve(import.meta.dirname, '../../node_modules');
let tarball = '';
let whole = '';

const WITHIN_MS = 240_000;

beforeAll(() => {
  tarball = packed();
  // No native part of an optional package is built: nothing else needs one.
  whole = install('whole', '--ignore-scripts');
}, WITHIN_MS);
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
  test(
    'runs the demo, brings its manual, and is a library',
    () => {
      const { stdout, stderr, status } = airherd(whole, 'demo', '--for', '4s', '--json');
      expect(status, stderr).toBe(0);
      expect(JSON.parse(stdout).devices).toMatchObject([{ state: 'open' }, { state: 'open' }]);
      const manual = join(whole, 'node_modules', 'airherd', 'dist', 'man');
      expect(readdirSync(manual)).toEqual(['airherd.1']);
      const program = `import('airherd').then((all) => console.log(typeof all.createAgent, typeof all.startCloud))`;
      const library = execFileSync(process.execPath, ['-e', program], { cwd: whole, encoding: 'utf8' });
      expect(library).toBe('function function\n');
    },
    WITHIN_MS,
  );

  const RUNNERS: Readonly<Record<string, readonly string[]>> = {
    'node:test': ['--test', '--test-reporter=tap'],
    vitest: [join(modules, 'vitest/vitest.mjs'), 'run', '--reporter=tap'],
    jest: ['--experimental-vm-modules', join(modules, 'jest/bin/jest.js'), '--config=jest.json', '--json'],
  };
  const shown = codeBlocks('docs/testing.md').filter(({ language }) => language === 'js');

  test('docs/testing.md shows a suite of each runner', () =>
    expect(shown.map(({ kind }) => kind).sort()).toEqual(Object.keys(RUNNERS).sort()));

  test.each(shown.map(({ kind, text }) => [kind, text]))('carries a suite of %s', (runner, suite) => {
    const folder = join(whole, runner.replace(':', '-'));
    mkdirSync(folder);
    writeFileSync(join(folder, 'lab.test.mjs'), suite);
    writeFileSync(join(folder, 'jest.json'), '{ "transform": {}, "testMatch": ["**/*.test.mjs"] }');
    const own = { ...environment, VITEST: undefined };
    const run = () =>
      spawnSync(process.execPath, RUNNERS[runner], { cwd: folder, env: own, encoding: 'utf8' });
    const passed = run();
    expect(passed.status, passed.stdout + passed.stderr).toBe(0);
    expect(passed.stdout).toMatch(/^ok 1 |"numPassedTests":1,/m);

    // A suite that fails fails its runner, which says why.
    writeFileSync(join(folder, 'lab.test.mjs'), suite.replace('vlan: 20', "vlan: 10, within: '5 s'"));
    const failed = run();
    expect(failed.status).toBe(1);
    expect(failed.stdout).toContain('to have an address in VLAN 10 within 5 s');
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
