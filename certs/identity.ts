import { mkdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AirherdError } from '../protocol/errors.ts';
import { parseIdentity } from './identity-file.ts';
import { IDENTITY_FILE, type Identity, identityText } from './identity-text.ts';
import { assertPrivate, isMissing, writePrivate } from './private-file.ts';

export type { DeviceKind, Identity } from './identity-text.ts';

/** Writes the identity into `dir` (made when missing), replacing the one in it at once or not at all. */
export async function saveIdentity(dir: string, identity: Identity): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await writePrivate(join(dir, IDENTITY_FILE), identityText(identity));
}

/** Reads and checks the identity in `dir`. Throws identity-missing, -exposed or -damaged. */
export async function loadIdentity(dir: string): Promise<Identity> {
  const folder = resolve(dir);
  const path = join(folder, IDENTITY_FILE);
  const parsed = parseIdentity(await readIdentity(folder, path));
  if (!parsed.ok) throw new AirherdError('identity-damaged', { path, detail: parsed.detail });
  const { identity, certificateSerial } = parsed;
  const { serial } = identity;
  if (certificateSerial !== serial) {
    const detail = `its certificate is of ${certificateSerial ?? 'no device'}, its serial ${serial}`;
    throw new AirherdError('identity-damaged', { path, detail });
  }
  if (basename(folder) !== serial) {
    const detail = `it is the identity of ${serial}, but its folder is not called so`;
    throw new AirherdError('identity-damaged', { path, detail });
  }
  return identity;
}

async function readIdentity(folder: string, path: string): Promise<string> {
  try {
    await assertPrivate(path);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof AirherdError) throw error;
    if (isMissing(error)) throw new AirherdError('identity-missing', { path: folder, file: IDENTITY_FILE });
    const detail = error instanceof Error ? error.message : String(error);
    throw new AirherdError('identity-damaged', { path, detail });
  }
}
