/** The payload of a firmware image: gzip over tar, with `firmware.json` and `config.yaml`. */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { AirherdError } from '../errors.ts';
import type { Manifest } from './manifest.ts';
import { firmwareVersion } from './version.ts';

/** What an image may unpack to: far above any that is meant, far below what hurts. */
export const MOST_UNPACKED_BYTES = 64 * 1024 * 1024;
const MOST_ENTRIES = 4096;
const MOST_CONFIG_BYTES = 64 * 1024;
const DESCRIPTION = 'firmware.json';
export const CONFIG = 'config.yaml';

const description = z.strictObject({ version: firmwareVersion });

export interface FirmwareImage {
  version: string;
  /** Settings that this version brings, as YAML. */
  config: string;
}

export interface ImageFile {
  name: string;
  bytes: Uint8Array;
}

/** The same files give the same bytes, on every machine. */
export async function packImage(version: string, files: readonly ImageFile[]): Promise<Buffer> {
  const all = [{ name: DESCRIPTION, bytes: Buffer.from(`${JSON.stringify({ version })}\n`) }, ...files];
  const sorted = [...all].sort((a, b) => (a.name < b.name ? -1 : 1));
  const { packTar } = await import('modern-tar');
  const tar = await packTar(
    sorted.map(({ name, bytes }) => ({
      header: { name, size: bytes.length, type: 'file', mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 },
      body: bytes,
    })),
  );
  return gzipSync(tar, { level: 9 });
}

/**
 * What an image holds. Nothing of it is written anywhere; what could leave a folder if it were is refused all the same.
 * Throws firmware-image.
 */
export async function readImage(payload: Uint8Array, version: string): Promise<FirmwareImage> {
  const refuse = (detail: string) => new AirherdError('firmware-image', { version, detail });
  const files = await entriesOf(payload, refuse);
  const described = files.get(DESCRIPTION);
  if (!described) throw refuse(`it has no ${DESCRIPTION}`);
  const told = readDescription(described);
  if (told === null) throw refuse(`its ${DESCRIPTION} is not {"version": …}`);
  if (told !== version) throw refuse(`it says that it is ${told}`);
  const config = files.get(CONFIG) ?? Buffer.alloc(0);
  if (config.length > MOST_CONFIG_BYTES)
    throw refuse(`its ${CONFIG} has more than ${MOST_CONFIG_BYTES} bytes`);
  return { version, config: Buffer.from(config).toString('utf8') };
}

interface DescribedPayload {
  version: string;
  payload: Pick<Manifest['payload'], 'size' | 'sha256'>;
}

/** Throws firmware-hash unless the payload is the one that the manifest describes. */
export function checkPayload(payload: Uint8Array, { version, payload: described }: DescribedPayload): void {
  const refuse = (detail: string) => new AirherdError('firmware-hash', { version, detail });
  if (payload.length !== described.size) {
    throw refuse(`it has ${payload.length} bytes, not ${described.size}`);
  }
  if (createHash('sha256').update(payload).digest('hex') !== described.sha256)
    throw refuse('its SHA-256 differs');
}

async function entriesOf(
  payload: Uint8Array,
  refuse: (detail: string) => AirherdError,
): Promise<Map<string, Uint8Array>> {
  // Thousands of virtual devices share a process that never reads an image.
  const { unpackTar } = await import('modern-tar');
  let tar: Buffer;
  try {
    tar = gunzipSync(payload, { maxOutputLength: MOST_UNPACKED_BYTES });
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw refuse(
      isTooLarge ? `it unpacks to more than ${MOST_UNPACKED_BYTES} bytes` : 'it is not gzip, or cut off',
    );
  }
  let count = 0;
  try {
    const entries = await unpackTar(tar, {
      strict: true,
      filter({ name, type = 'file' }) {
        if (++count > MOST_ENTRIES) throw refuse(`it has more than ${MOST_ENTRIES} entries`);
        const problem = problemOf(name, type);
        if (problem !== null) throw refuse(problem);
        return name === DESCRIPTION || name === CONFIG;
      },
    });
    return new Map(entries.map(({ header, data }) => [header.name, data ?? new Uint8Array()]));
  } catch (error) {
    if (error instanceof AirherdError) throw error;
    throw refuse(error instanceof Error ? error.message.replace(/\.$/, '') : String(error));
  }
}

/** What would be dangerous, or mean nothing, in a folder. */
function problemOf(name: string, type: string): string | null {
  if (type !== 'file' && type !== 'directory')
    return `${name} is a ${type}; only files and folders may be in it`;
  const parts = name.replace(/\/$/, '').split('/');
  const isWithin = parts.every((part) => part !== '' && part !== '..');
  if (!isWithin || /[\\\0]/.test(name))
    return `${name || 'an entry without a name'} would leave the folder that it is unpacked to`;
  return null;
}

function readDescription(bytes: Uint8Array): string | null {
  try {
    return description.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))).version;
  } catch {
    return null;
  }
}
