import type { Command } from 'commander';
import { type ApiFlags, openCloudApi, withApiFlags } from '../../cloud-api.ts';
import { progressBar } from '../../progress-bar.ts';
import { firmwarePaths, manifestIn, readBytes } from './files.ts';

/** Base64 of it fits into a body of the API. */
const PIECE_BYTES = 180 * 1024;
const IMAGES = '/api/airherd/v1/firmware';

interface Uploaded {
  id: string;
  received: number;
  complete: boolean;
}

/** `airherd firmware upload MANIFEST`: the same command goes on where one was interrupted. */
export function firmwareUpload(group: Command): void {
  withApiFlags(
    group
      .command('upload')
      .description('give an image to the cloud, which checks it; run it again after an interruption')
      .argument('<manifest>', 'NAME.manifest.json; signature and image are beside it'),
  )
    .option('--json', 'print JSON')
    .action(async (path: string, options: ApiFlags & { json?: boolean }) => {
      const paths = firmwarePaths(path);
      const [manifest, signature, payload] = await Promise.all([
        readBytes(paths.manifest),
        readBytes(paths.signature),
        readBytes(paths.payload),
      ]);
      const { version } = manifestIn(paths.manifest, manifest);
      const api = await openCloudApi(options);
      const body = { manifest: manifest.toString('base64'), signature: signature.toString('base64') };
      let image = await api.json<Uploaded>(IMAGES, { method: 'POST', body });
      const bar = progressBar('bytes');
      try {
        while (!image.complete) {
          const { id, received } = image;
          bar.show(received, payload.length);
          const data = payload.subarray(received, received + PIECE_BYTES).toString('base64');
          const piece = { offset: received, data };
          image = await api.json<Uploaded>(`${IMAGES}/${id}/payload`, { method: 'PUT', body: piece });
        }
      } finally {
        bar.clear();
      }
      console.log(options.json ? JSON.stringify(image) : `${version} is at the cloud; SHA-256 ${image.id}`);
    });
}
