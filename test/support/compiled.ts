import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..', '..');

/** The sources of this moment, compiled into a folder of their own. */
export interface Compiled {
  dist: string;
  main: string;
  remove(): void;
}

/** For what only compiled code does: threads, and processes that a test kills. Takes some seconds. */
export function compile(): Compiled {
  const dir = mkdtempSync(join(tmpdir(), 'airherd-dist-'));
  const dist = join(dir, 'dist');
  mkdirSync(dist);
  for (const name of ['node_modules', 'package.json']) symlinkSync(join(root, name), join(dir, name));
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const { status, stdout } = spawnSync(
    tsc,
    ['-p', 'tsconfig.build.json', '--outDir', dist, '--declaration', 'false'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`tsc: ${stdout}`);
  return {
    dist,
    main: join(dist, 'cli', 'main.js'),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
