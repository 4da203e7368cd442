import type { Command } from 'commander';
import { loadSigningKey, signingKeyIn } from '../../../certs/firmware-key.ts';
import { signManifest } from '../../../protocol/firmware/manifest.ts';
import { airherdHome } from '../../home.ts';
import { firmwarePaths, manifestIn, readBytes, writeBytes } from './files.ts';

/** `airherd firmware sign MANIFEST`: where the key is kept away from what builds. */
export function firmwareSign(group: Command): void {
  group
    .command('sign')
    .description('sign a manifest, byte by byte as it stands')
    .argument('<manifest>', 'NAME.manifest.json; the signature is put beside it')
    .option('--key <file>', 'private key, ECDSA P-256; default: the one of airherd firmware key')
    .option('--json', 'print JSON')
    .action(async (path: string, options: { key?: string; json?: boolean }) => {
      const { manifest, signature } = firmwarePaths(path);
      const key = await loadSigningKey(options.key ?? signingKeyIn(airherdHome().firmware));
      const bytes = await readBytes(manifest);
      const { version, sequenceNumber } = manifestIn(manifest, bytes);
      await writeBytes(signature, signManifest(bytes, key));
      if (options.json)
        console.log(JSON.stringify({ manifest, signature, version, sequenceNumber }, null, 2));
      else console.log(`${signature} signs version ${version}, sequence number ${sequenceNumber}`);
    });
}
