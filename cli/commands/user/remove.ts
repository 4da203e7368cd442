import type { Command } from 'commander';
import { AirherdError } from '../../../protocol/errors.ts';
import { type ApiFlags, openCloudApi, withApiFlags } from '../../cloud-api.ts';
import type { ListedPerson } from './list.ts';

interface Options extends ApiFlags {
  org?: string;
  support?: boolean;
}

export function userRemove(group: Command): void {
  withApiFlags(
    group
      .command('remove <email>')
      .description('take roles away; the account goes with its last role')
      .option('--org <name>', 'organisation; the only one, when there is one')
      .option('--support', "of the vendor's staff"),
  ).action(async (email: string, { org, support, ...flags }: Options) => {
    const api = await openCloudApi(flags);
    const path = support ? '/api/airherd/v1/staff' : `/api/v1/orgs/${await api.organisation(org)}/admins`;
    const people = await api.json<ListedPerson[]>(`${path}?limit=1000`);
    const found = people.find((person) => person.email.toLowerCase() === email.toLowerCase());
    if (!found) throw new AirherdError('user-unknown', { who: email });
    await api.json(`${path}/${found.admin_id}`, { method: 'DELETE' });
    console.log(`${email} has no role there any more`);
  });
}
