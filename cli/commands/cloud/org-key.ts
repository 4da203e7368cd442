import type { Command } from 'commander';
import { type ApiFlags, openCloudApi, withApiFlags } from '../../cloud-api.ts';

interface Options extends ApiFlags {
  org?: string;
}

const WAIT_MS = 600_000;

/** `airherd cloud rotate-org`, `airherd cloud destroy-org`: the key of one organisation. */
export function orgKey(group: Command): void {
  withApiFlags(
    group
      .command('rotate-org')
      .description('another key for an organisation; the old one opens nothing any more')
      .option('--org <name>', 'organisation; the only one, when there is one'),
  ).action(async ({ org, ...flags }: Options) => {
    const api = await openCloudApi(flags);
    const path = `/api/airherd/v1/orgs/${await api.organisation(org)}/key/rotate`;
    await api.json(path, { method: 'POST', timeoutMs: WAIT_MS });
    console.log('the organisation has another key now');
  });
  withApiFlags(
    group
      .command('destroy-org <name>')
      .description("destroy an organisation's key: all that is held of it is noise, backups included"),
  ).action(async (name: string, flags: ApiFlags) => {
    const api = await openCloudApi(flags);
    const path = `/api/airherd/v1/orgs/${await api.organisation(name)}/destroy`;
    await api.json(path, { method: 'POST', body: { name }, timeoutMs: WAIT_MS });
    console.log(`${name} is destroyed: its key is gone, its devices are unclaimed`);
  });
}
