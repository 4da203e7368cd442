/**
 * The root of all keys of a cloud, wrapped by the master key: so that another master key wraps it anew, and
 * nothing else changes. While a rotation is under way it is wrapped by both, and either opens it.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Random } from '../../platform/ports/random.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { createPrivate, readPrivate, replacePrivate } from './private-file.ts';
import { associated, KEY_LENGTH, seal, subkey, unseal } from './seal.ts';

const schema = z.strictObject({ v: z.literal(1), wrapped: z.array(z.base64()).min(1).max(8) });
export type Keyring = z.infer<typeof schema>;

const AAD = associated('root');
const fileIn = (dir: string): string => join(dir, 'keyring.json');
const wrapped = (root: Buffer, master: Buffer, random: Random): string =>
  seal(random, subkey(master, 'keyring'), root, AAD).toString('base64');
const bytesOf = (keyring: Keyring): Buffer => Buffer.from(`${JSON.stringify(keyring)}\n`);

/** Null when this master key wraps none of it. */
export function rootIn(keyring: Keyring, master: Buffer): Buffer | null {
  for (const one of keyring.wrapped) {
    const root = unseal(subkey(master, 'keyring'), Buffer.from(one, 'base64'), AAD);
    if (root) return root;
  }
  return null;
}

export function parseKeyring(bytes: Buffer, path: string): Keyring {
  try {
    return schema.parse(JSON.parse(bytes.toString()));
  } catch (cause) {
    throw new AirherdError('store-damaged', { path, detail: 'not a keyring' }, { cause });
  }
}

export function readKeyring(dir: string): Keyring | null {
  const bytes = readPrivate(fileIn(dir));
  return bytes && parseKeyring(bytes, fileIn(dir));
}

/** The root key, made when there is none. Throws store-damaged for another master key; writes nothing then. */
export function rootKey(dir: string, master: Buffer, random: Random): Buffer {
  const keyring = readKeyring(dir);
  if (!keyring) {
    // Stores of before there were keyrings are under the master key itself.
    const root = existsSync(join(dir, 'registry.db')) ? master : random.bytes(KEY_LENGTH);
    createPrivate(fileIn(dir), bytesOf({ v: 1, wrapped: [wrapped(root, master, random)] }), random);
    return rootKey(dir, master, random);
  }
  const root = rootIn(keyring, master);
  if (root) return root;
  throw new AirherdError('store-damaged', { path: fileIn(dir), detail: 'it is of another master key' });
}

/** From here on both open it. A cloud that runs has the root and goes on. */
export function addMaster(dir: string, master: Buffer, next: Buffer, random: Random): void {
  const root = rootKey(dir, master, random);
  const both = [wrapped(root, master, random), wrapped(root, next, random)];
  replacePrivate(fileIn(dir), bytesOf({ v: 1, wrapped: both }), random);
}

/** The keyring of a folder that is being restored. */
export function writeKeyring(dir: string, root: Buffer, master: Buffer, random: Random): void {
  replacePrivate(fileIn(dir), bytesOf({ v: 1, wrapped: [wrapped(root, master, random)] }), random);
}

/** From here on no other master key opens it. */
export function onlyMaster(dir: string, master: Buffer, random: Random): void {
  writeKeyring(dir, rootKey(dir, master, random), master, random);
}
