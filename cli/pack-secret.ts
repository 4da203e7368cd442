import type { Command } from 'commander';
import type { PackSecret } from '../certs/pack/format.ts';
import { Pack } from '../certs/pack/read.ts';
import { readPrivate } from '../cloud-stub/store/private-file.ts';
import { AirherdError } from '../protocol/errors.ts';

const PASSPHRASE = 'AIRHERD_PACK_PASSPHRASE';
const MIN_PASSPHRASE = 8;

export interface PackFlags {
  pack?: string;
  packKey?: string;
}

export const withPackFlags = (command: Command, what: string): Command =>
  command
    .option('--pack <file>', what)
    .option('--pack-key <file>', `its key, 32 bytes; without it, its passphrase is in $${PASSPHRASE}`);

/** Never from the command line: other users of the machine can read that. */
export function packSecret({ packKey }: PackFlags): PackSecret {
  if (packKey !== undefined) {
    const keyFile = readPrivate(packKey);
    if (!keyFile) throw new AirherdError('input-missing', { path: packKey, detail: 'there is no such file' });
    return { keyFile };
  }
  const passphrase = process.env[PASSPHRASE];
  if (passphrase !== undefined && passphrase.length >= MIN_PASSPHRASE) return { passphrase };
  const detail = `a pack needs --pack-key FILE, or a passphrase of ${MIN_PASSPHRASE} characters or more in $${PASSPHRASE}`;
  throw new AirherdError('usage-invalid', { detail });
}

/** Runs `work` with the pack open. */
export async function withPack<T>(
  path: string,
  secret: PackSecret,
  work: (pack: Pack) => Promise<T>,
): Promise<T> {
  const pack = await Pack.open(path, secret);
  try {
    return await work(pack);
  } finally {
    await pack.close();
  }
}
