/** The key that signs firmware: ECDSA P-256, of nobody's chain. Its public part is what devices and clouds trust. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AirherdError } from '../protocol/errors.ts';
import { firmwareKeys } from '../protocol/firmware/manifest.ts';
import { assertPrivate, isMissing, writePrivate } from './private-file.ts';

/** Public, in the folder of an identity and beside the signing key; several keys may stand in it. */
export const FIRMWARE_KEY_FILE = 'firmware-key.pem';
const SIGNING_KEY_FILE = 'signing-key.pem';

export const signingKeyIn = (dir: string): string => join(dir, SIGNING_KEY_FILE);
export const publicKeyIn = (dir: string): string => join(dir, FIRMWARE_KEY_FILE);

/** Makes the key where there is none; whether it was made now. */
export async function ensureFirmwareKey(dir: string): Promise<{ made: boolean; publicPem: string }> {
  const path = signingKeyIn(dir);
  const made = !existsSync(path);
  if (made) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await writePrivate(path, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  }
  const publicPem = publicPemOf(await loadSigningKey(path));
  await writeFile(publicKeyIn(dir), publicPem);
  return { made, publicPem };
}

const publicPemOf = (key: KeyObject): string =>
  createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();

/** Throws firmware-key-missing, identity-exposed and identity-damaged. */
export async function loadSigningKey(path: string): Promise<KeyObject> {
  let pem: string;
  try {
    await assertPrivate(path);
    pem = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) throw new AirherdError('firmware-key-missing', { path });
    throw error;
  }
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  } catch {
    // Said below, with what is wrong.
  }
  throw new AirherdError('identity-damaged', { path, detail: 'not a private key of ECDSA P-256' });
}

/** The keys of a file of public ones; none where there is no file. */
export async function loadFirmwareKeys(path: string): Promise<KeyObject[]> {
  try {
    return firmwareKeys(await readFile(path, 'utf8'));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Lets the devices of a folder trust this key beside those that they trust; how many did not before. */
export async function trustFirmwareKey(
  devicesDir: string,
  serials: readonly string[],
  publicPem: string,
): Promise<number> {
  let changed = 0;
  for (const serial of serials) {
    const path = join(devicesDir, serial, FIRMWARE_KEY_FILE);
    const before = await readFile(path, 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return '';
      throw error;
    });
    if (before.includes(publicPem)) continue;
    await writeFile(path, before + publicPem);
    changed++;
  }
  return changed;
}
