import { join } from 'node:path';
import { type Identity, loadIdentity, saveIdentity } from '../../../certs/identity.ts';
import type { PackSecret } from '../../../certs/pack/format.ts';
import { Pack } from '../../../certs/pack/read.ts';
import { listSerials } from '../../../certs/place-identity.ts';
import { type PackFlags, packSecret, withPack } from '../../pack-secret.ts';

/** Where the devices of a run have their identities: a folder for each, or all in one pack. Travels to threads. */
export type IdentitySource = { dir: string } | { pack: string; secret: PackSecret };

export const identitySource = (flags: PackFlags & { identities: string }): IdentitySource =>
  flags.pack === undefined ? { dir: flags.identities } : { pack: flags.pack, secret: packSecret(flags) };

export const pathOf = (source: IdentitySource): string => ('dir' in source ? source.dir : source.pack);

/** In order. */
export async function serialsOf(source: IdentitySource): Promise<string[]> {
  if ('dir' in source) return listSerials(source.dir);
  return withPack(source.pack, source.secret, async (pack) => pack.devices().map(({ serial }) => serial));
}

export interface OpenIdentities {
  identity(serial: string): Promise<Identity>;
  /** Keeps a renewed one where it came from. */
  save(identity: Identity): Promise<void>;
}

/** Stays open as long as its worker does: devices renew their certificates. */
export async function openIdentities(source: IdentitySource): Promise<OpenIdentities> {
  if ('dir' in source) {
    const folderOf = (serial: string) => join(source.dir, serial);
    return {
      identity: (serial) => loadIdentity(folderOf(serial)),
      save: (identity) => saveIdentity(folderOf(identity.serial), identity),
    };
  }
  const pack = await Pack.open(source.pack, source.secret);
  return { identity: (serial) => pack.identity(serial), save: (identity) => pack.replace(identity) };
}
