import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../platform/ports/random.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { createPrivate, readPrivate, replacePrivate } from './private-file.ts';
import { KEY_LENGTH } from './seal.ts';

const fileIn = (dir: string): string => join(dir, 'master.key');

/** The key above all others of this cloud: 32 random bytes in `master.key`, mode 0600, made once. */
export function masterKey(dir: string, random: Random): Buffer {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = fileIn(dir);
  const key = readPrivate(path);
  if (key) return checked(key, path);
  if (existsSync(join(dir, 'registry.db'))) {
    throw new AirherdError('store-damaged', { path: dir, detail: 'master.key is missing' });
  }
  createPrivate(path, random.bytes(KEY_LENGTH), random);
  return masterKey(dir, random);
}

export const replaceMasterKey = (dir: string, key: Buffer, random: Random): void =>
  replacePrivate(fileIn(dir), checked(key, 'the new master key'), random);

export function checked(key: Buffer, path: string): Buffer {
  if (key.length === KEY_LENGTH) return key;
  throw new AirherdError('store-damaged', { path, detail: `${key.length} bytes, not ${KEY_LENGTH}` });
}
