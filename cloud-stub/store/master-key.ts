import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../platform/ports/random.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { KEY_LENGTH } from './seal.ts';

/** The key above all others of this cloud: 32 random bytes in `master.key`, mode 0600, made once. */
export function masterKey(dir: string, random: Random): Buffer {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, 'master.key');
  const found = read(path);
  if (found) return found;
  if (existsSync(join(dir, 'registry.db'))) {
    throw new AirherdError('store-damaged', { path: dir, detail: 'master.key is missing' });
  }
  const temporary = `${path}.${random.bytes(6).toString('hex')}`;
  const file = openSync(temporary, 'wx', 0o600);
  try {
    writeSync(file, random.bytes(KEY_LENGTH));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    // link(2) never replaces: of two processes that start at once, one key stays.
    linkSync(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(temporary);
  }
  return read(path) ?? masterKey(dir, random);
}

function read(path: string): Buffer | null {
  let key: Buffer;
  try {
    key = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o077) !== 0) {
    throw new AirherdError('identity-exposed', { path, mode: mode.toString(8).padStart(4, '0') });
  }
  if (key.length !== KEY_LENGTH) {
    throw new AirherdError('store-damaged', { path, detail: `${key.length} bytes, not ${KEY_LENGTH}` });
  }
  return key;
}
