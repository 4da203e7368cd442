import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Random } from '../../platform/ports/random.ts';
import { AirherdError } from '../../protocol/errors.ts';

/** The bytes of a file that only its owner can read; null when there is none. Throws identity-exposed. */
export function readPrivate(path: string): Buffer | null {
  try {
    const mode = statSync(path).mode & 0o777;
    if ((mode & 0o077) !== 0) {
      throw new AirherdError('identity-exposed', { path, mode: mode.toString(8).padStart(4, '0') });
    }
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function written(path: string, bytes: Uint8Array, random: Random): string {
  const temporary = `${path}.${random.bytes(6).toString('hex')}`;
  try {
    const file = openSync(temporary, 'wx', 0o600);
    try {
      writeSync(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    return temporary;
  } catch (cause) {
    rmSync(temporary, { force: true });
    if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause;
    throw new AirherdError('store-full', { path }, { cause });
  }
}

function syncFolder(path: string): void {
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Makes the file, unless it is there. link(2) never replaces: of two processes that start at once, one wins. */
export function createPrivate(path: string, bytes: Uint8Array, random: Random): void {
  const temporary = written(path, bytes, random);
  try {
    linkSync(temporary, path);
    syncFolder(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(temporary);
  }
}

/** The old content or the new one, whatever happens meanwhile. */
export function replacePrivate(path: string, bytes: Uint8Array, random: Random): void {
  renameSync(written(path, bytes, random), path);
  syncFolder(path);
}
