import type { Command } from 'commander';
import { loadFirmwareKeys, publicKeyIn } from '../../../certs/firmware-key.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { checkPayload, readImage } from '../../../protocol/firmware/image.ts';
import { openManifest } from '../../../protocol/firmware/manifest.ts';
import { airherdHome } from '../../home.ts';
import { firmwarePaths, manifestIn, readBytes } from './files.ts';

/** `airherd firmware verify MANIFEST`: all that a device would check of the three files. */
export function firmwareVerify(group: Command): void {
  group
    .command('verify')
    .description('check signature, digest and image as a device does')
    .argument('<manifest>', 'NAME.manifest.json; signature and image are beside it')
    .option('--key <file>', 'public key; default: the one of airherd firmware key')
    .option('--json', 'print JSON')
    .action(async (path: string, options: { key?: string; json?: boolean }) => {
      const paths = firmwarePaths(path);
      const keyPath = options.key ?? publicKeyIn(airherdHome().firmware);
      const keys = await loadFirmwareKeys(keyPath);
      if (keys.length === 0) throw new AirherdError('firmware-key-missing', { path: keyPath });
      const [bytes, signature, payload] = await Promise.all([
        readBytes(paths.manifest),
        readBytes(paths.signature),
        readBytes(paths.payload),
      ]);
      const { version } = manifestIn(paths.manifest, bytes);
      const manifest = openManifest({ manifest: bytes, signature }, keys, version);
      checkPayload(payload, manifest);
      await readImage(payload, version);
      if (options.json) console.log(JSON.stringify({ ok: true, ...manifest }, null, 2));
      else {
        const { sequenceNumber, classes } = manifest;
        console.log(
          `firmware ${version}, sequence number ${sequenceNumber}, for ${classes.join(', ')}: sound`,
        );
      }
    });
}
