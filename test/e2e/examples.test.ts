/** Every example runs its own tests as its README says, with the package as it is now. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { compile } from '../support/compiled.ts';

const root = resolve(import.meta.dirname, '../..');
const examples = readdirSync(join(root, 'examples'));
const home = mkdtempSync(join(tmpdir(), 'airherd-examples-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The example beside the packages that its manifest names: ours as compiled, others as this checkout has them. */
function installed(name: string): string {
  const folder = join(home, name);
  cpSync(join(root, 'examples', name), folder, {
    recursive: true,
    filter: (path) => !path.endsWith('node_modules'),
  });
  const { dependencies = {}, devDependencies = {} } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  const { dist, main } = compile();
  for (const each of Object.keys({ ...dependencies, ...devDependencies })) {
    symlinkSync(
      each === 'airherd' ? resolve(dist, '..') : join(root, 'node_modules', each),
      join(modules, each),
    );
    const program = join(root, 'node_modules', '.bin', each);
    if (each !== 'airherd') symlinkSync(program, join(modules, '.bin', each));
  }
  writeFileSync(join(modules, '.bin', 'airherd'), `#!/bin/sh\nexec ${process.execPath} ${main} "$@"\n`);
  chmodSync(join(modules, '.bin', 'airherd'), 0o755);
  return folder;
}

test.each(examples)(
  '%s',
  (name) => {
    const readme = readFileSync(join(root, 'examples', name, 'README.md'), 'utf8');
    expect(readme).toContain('npm test');
    const { status, stdout, stderr } = spawnSync('npm', ['test'], { cwd: installed(name), encoding: 'utf8' });
    expect(status, `${stdout}\n${stderr}`).toBe(0);
  },
  120_000,
);
