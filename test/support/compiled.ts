import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..', '..');
const PREFIX = `airherd-dist-${userInfo().uid}-`;
const DAY_MS = 86_400_000;
/** Longer than any compilation: whoever held the lock is gone. */
const LOCK_MS = 120_000;
/** What `tsconfig.build.json` leaves out, and what has no sources. */
const SKIPPED = new Set(['node_modules', 'dist', 'test', 'bench', 'fixtures', 'docs', '.git']);

/** The sources of this moment, compiled. */
export interface Compiled {
  dist: string;
  main: string;
}

/**
 * For what only compiled code does: threads, and processes that a test kills. Takes some seconds, once for all
 * test files: the folder is named after the state of the sources, and is there whole or not at all.
 */
export function compile(): Compiled {
  const dir = join(tmpdir(), `${PREFIX}${stateOfSources()}`);
  const lock = `${dir}.lock`;
  while (!exists(dir)) {
    if (!takeLock(lock)) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
      continue;
    }
    try {
      if (!exists(dir)) build(dir);
    } finally {
      rmdirSync(lock);
    }
  }
  return { dist: join(dir, 'dist'), main: join(dir, 'dist', 'cli', 'main.js') };
}

function build(dir: string): void {
  removeOld();
  const unfinished = `${dir}.${process.pid}.tmp`;
  mkdirSync(join(unfinished, 'dist'), { recursive: true });
  for (const name of ['node_modules', 'package.json', 'fixtures']) {
    symlinkSync(join(root, name), join(unfinished, name));
  }
  const { status, stdout } = spawnSync(
    join(root, 'node_modules', '.bin', 'tsc'),
    ['-p', 'tsconfig.build.json', '--outDir', join(unfinished, 'dist'), '--declaration', 'false'],
    { cwd: root, encoding: 'utf8' },
  );
  if (status !== 0) {
    rmSync(unfinished, { recursive: true });
    throw new Error(`tsc: ${stdout}`);
  }
  execFileSync(process.execPath, [join(root, 'build', 'join-commands.mjs'), join(unfinished, 'dist')]);
  renameSync(unfinished, dir);
}

/** Changes when any source is added, removed or written. */
function stateOfSources(): string {
  const hash = createHash('sha256').update(root);
  const visit = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) visit(path);
      else if (entry.isFile() && /\.(ts|json|mjs)$/.test(entry.name)) {
        const { size, mtimeMs } = statSync(path);
        hash.update(`${path} ${size} ${mtimeMs}\n`);
      }
    }
  };
  visit(root);
  return hash.digest('hex').slice(0, 16);
}

function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > LOCK_MS) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

/** What earlier states of the sources left. */
function removeOld(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const path = join(tmpdir(), name);
    const madeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (Date.now() - madeMs > DAY_MS) rmSync(path, { recursive: true, force: true });
  }
}

const exists = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;
