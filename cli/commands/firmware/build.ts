import { createHash } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { parseFirmwareSettings } from '../../../agent/index.ts';
import { loadSigningKey, signingKeyIn } from '../../../certs/firmware-key.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { CONFIG, packImage, readImage } from '../../../protocol/firmware/image.ts';
import {
  type Manifest,
  manifestBytes,
  readManifest,
  signManifest,
} from '../../../protocol/firmware/manifest.ts';
import { firmwareVersion } from '../../../protocol/firmware/version.ts';
import { airherdHome } from '../../home.ts';
import { upTo } from '../../whole-number.ts';
import { pathsIn, readBytes, writeBytes } from './files.ts';

interface BuildOptions {
  sequence: number;
  model: string[];
  minVersion?: string;
  vendor: string;
  out: string;
  key?: string;
  unsigned?: boolean;
  json?: boolean;
}

function version(text: string): string {
  if (firmwareVersion.safeParse(text).success) return text;
  throw new InvalidArgumentError('A version is two to four numbers, such as 1.4.2 or 1.4.2-rc1.');
}

/** `airherd firmware build FOLDER VERSION`: image, manifest and signature. */
export function firmwareBuild(group: Command): void {
  group
    .command('build')
    .description('make an image, its manifest and signature from a folder with a config.yaml')
    .argument('<folder>', 'what goes into the image')
    .argument('<version>', 'what devices say that they run', version)
    .requiredOption(
      '--sequence <n>',
      'sequence number: devices take none below what they have',
      upTo(0xffff_ffff),
    )
    .requiredOption('--model <names...>', 'models that it is for')
    .option('--min-version <version>', 'what has to run before it', version)
    .option('--vendor <name>', 'who made it', 'airherd')
    .option('--out <folder>', 'where the three files go', '.')
    .option('--key <file>', 'private key that signs it; default: the one of airherd firmware key')
    .option('--unsigned', 'leave signing to airherd firmware sign')
    .option('--json', 'print JSON')
    .action(build);
}

async function build(folder: string, of: string, options: BuildOptions): Promise<void> {
  const key = options.unsigned
    ? null
    : await loadSigningKey(options.key ?? signingKeyIn(airherdHome().firmware));
  const payload = await packImage(of, await filesIn(folder));
  // What a device would refuse is not made.
  const { config } = await readImage(payload, of);
  parseFirmwareSettings(config, join(folder, CONFIG));
  const manifest: Manifest = {
    manifestVersion: 1,
    sequenceNumber: options.sequence,
    vendor: options.vendor,
    classes: options.model,
    version: of,
    ...(options.minVersion !== undefined && { minVersion: options.minVersion }),
    payload: {
      format: 'tar+gzip',
      size: payload.length,
      sha256: createHash('sha256').update(payload).digest('hex'),
    },
  };
  const read = readManifest(Buffer.from(JSON.stringify(manifest)));
  if (!read.ok) throw new AirherdError('usage-invalid', { detail: read.detail });
  const bytes = manifestBytes(manifest);
  const paths = pathsIn(options.out, of);
  await mkdir(options.out, { recursive: true });
  await writeBytes(paths.payload, payload);
  await writeBytes(paths.manifest, bytes);
  if (key) await writeBytes(paths.signature, signManifest(bytes, key));
  if (options.json) console.log(JSON.stringify({ ...paths, signed: key !== null, ...manifest }, null, 2));
  else {
    console.log(`${paths.payload}  ${payload.length} bytes, SHA-256 ${manifest.payload.sha256}`);
    console.log(
      `${paths.manifest}  version ${of}, sequence number ${options.sequence}, ${options.model.join(', ')}`,
    );
    console.log(key ? `${paths.signature}` : `not signed: airherd firmware sign ${paths.manifest}`);
  }
}

/** Of the folder and those below it, in order. Throws input-missing. */
async function filesIn(folder: string): Promise<{ name: string; bytes: Buffer }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    const detail = error instanceof Error ? error.message : String(error);
    throw new AirherdError('input-missing', { path: folder, detail }, { cause: error });
  });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths.map(async (path) => ({ name: relative(folder, path), bytes: await readBytes(path) })),
  );
}
