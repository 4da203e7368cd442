/** The three files of an image: NAME.manifest.json, its signature NAME.manifest.sig, and the payload NAME.tar.gz. */
import { readFile, writeFile } from 'node:fs/promises';
import { AirherdError } from '../../../protocol/errors.ts';
import { type Manifest, readManifest } from '../../../protocol/firmware/manifest.ts';

const MANIFEST = '.manifest.json';

export interface FirmwarePaths {
  manifest: string;
  signature: string;
  payload: string;
}

/** By the manifest's path. Throws usage-invalid for another name. */
export function firmwarePaths(manifest: string): FirmwarePaths {
  if (!manifest.endsWith(MANIFEST)) {
    throw new AirherdError('usage-invalid', {
      detail: `name the manifest, NAME${MANIFEST}, not ${manifest}`,
    });
  }
  const name = manifest.slice(0, -MANIFEST.length);
  return { manifest, signature: `${name}.manifest.sig`, payload: `${name}.tar.gz` };
}

export const pathsIn = (folder: string, version: string): FirmwarePaths =>
  firmwarePaths(`${folder.replace(/\/$/, '')}/firmware-${version}${MANIFEST}`);

/** Throws input-missing. */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new AirherdError('input-missing', { path, detail }, { cause: error });
  }
}

/** Throws output-failed. */
export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new AirherdError('output-failed', { path, detail }, { cause: error });
  }
}

/** What stands in a manifest, whoever signed it. Throws firmware-invalid. */
export function manifestIn(path: string, bytes: Uint8Array): Manifest {
  const read = readManifest(bytes);
  if (read.ok) return read.manifest;
  throw new AirherdError('firmware-invalid', { path, detail: read.detail });
}
