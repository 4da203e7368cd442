import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSerial } from '../protocol/topics.ts';
import { IDENTITY_FILE, type Identity, identityText } from './identity-text.ts';

/** Folders under construction; no serial begins with a dot. */
const BUILDING = '.new-';

/**
 * Puts a new identity into its folder below `devicesDir`: built beside it and renamed, so that whoever is killed
 * leaves a whole identity or none. Synchronous: it runs in the threads of the factory. Throws when the folder
 * is there already. A power cut may lose the latest; loadIdentity then reports them as damaged.
 */
export function placeIdentity(devicesDir: string, identity: Identity): void {
  const building = join(devicesDir, `${BUILDING}${identity.serial}-${randomBytes(4).toString('hex')}`);
  mkdirSync(building, { recursive: true, mode: 0o700 });
  writeFileSync(join(building, IDENTITY_FILE), identityText(identity), { mode: 0o600, flag: 'wx' });
  renameSync(building, join(devicesDir, identity.serial));
}

/** The serials that have a folder, in order. */
export function listSerials(devicesDir: string): string[] {
  try {
    return readdirSync(devicesDir).filter(isSerial).sort();
  } catch {
    return [];
  }
}

/** Removes what a killed run left unfinished of these serials. */
export function clearUnfinished(devicesDir: string, serials: ReadonlySet<string>): void {
  for (const name of readdirSync(devicesDir)) {
    const [serial] = name.slice(BUILDING.length).split('-');
    if (name.startsWith(BUILDING) && serials.has(serial)) {
      rmSync(join(devicesDir, name), { recursive: true, force: true });
    }
  }
}
