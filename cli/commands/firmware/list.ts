import type { Command } from 'commander';
import { type ApiFlags, openCloudApi, withApiFlags } from '../../cloud-api.ts';
import { table } from '../../table.ts';
import type { ListedImage } from './shapes.ts';

/** `airherd firmware list`: the images that the cloud has. */
export function firmwareList(group: Command): void {
  withApiFlags(group.command('list').description('images that the cloud has'))
    .option('--json', 'print JSON')
    .action(async (options: ApiFlags & { json?: boolean }) => {
      const api = await openCloudApi(options);
      const images = await api.json<ListedImage[]>('/api/airherd/v1/firmware');
      if (options.json) {
        console.log(JSON.stringify(images, null, 2));
        return;
      }
      if (images.length === 0) console.log('no image yet: airherd firmware upload NAME.manifest.json');
      const rows = images.map(({ version, sequenceNumber, classes, size, received, id }) => [
        version,
        String(sequenceNumber),
        classes.join(' '),
        received < size ? `${received} of ${size}` : String(size),
        id,
      ]);
      const columns = [
        { title: 'version' },
        { title: 'sequence', align: 'right' as const },
        { title: 'models', minWidth: 12 },
        { title: 'bytes', align: 'right' as const },
        { title: 'SHA-256', minWidth: 16 },
      ];
      if (rows.length > 0)
        for (const line of table(columns, rows, process.stdout.columns ?? 120)) console.log(line);
    });
}
