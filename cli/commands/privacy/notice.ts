import type { Command } from 'commander';
import { type ApiFlags, openCloudApi, withApiFlags } from '../../cloud-api.ts';

/** `airherd privacy notice`: the page, to standard output. */
export function privacyNotice(group: Command): void {
  withApiFlags(group.command('notice'))
    .description('the notice of processing as an HTML page')
    .option('--org <name>', 'organisation; the only one, when there is one')
    .action(async (options: ApiFlags & { org?: string }) => {
      const api = await openCloudApi(options);
      const answer = await api.open(`/api/airherd/v1/orgs/${await api.organisation(options.org)}/notice`);
      for await (const chunk of answer) process.stdout.write(chunk as Buffer);
    });
}
