import type { Command } from 'commander';
import { type ApiFlags, openCloudApi, withApiFlags } from '../../cloud-api.ts';
import { table } from '../../table.ts';

export interface ListedPerson {
  admin_id: string;
  email: string;
  name: string;
  enable_two_factor: boolean;
  privileges: { scope: string; role: string; site_id?: string }[];
}

interface Options extends ApiFlags {
  org?: string;
  support?: boolean;
  json?: boolean;
}

export function userList(group: Command): void {
  withApiFlags(
    group
      .command('list')
      .description('people with a role in an organisation')
      .option('--org <name>', 'organisation; the only one, when there is one')
      .option('--support', "the vendor's staff instead")
      .option('--json', 'print JSON'),
  ).action(async ({ org, support, json, ...flags }: Options) => {
    const api = await openCloudApi(flags);
    const path = support ? '/api/airherd/v1/staff' : `/api/v1/orgs/${await api.organisation(org)}/admins`;
    const people = await api.json<ListedPerson[]>(`${path}?limit=1000`);
    if (json) {
      console.log(JSON.stringify(people, null, 2));
      return;
    }
    const rows = people.map(({ email, name, enable_two_factor, privileges }) => [
      email,
      name,
      privileges.map(({ scope, role }) => (scope === 'site' ? `${role} at a site` : role)).join(', '),
      enable_two_factor ? 'two-factor' : '',
    ]);
    const columns = [
      { title: 'E-MAIL', minWidth: 12 },
      { title: 'NAME', minWidth: 8 },
      { title: 'ROLE' },
      { title: 'SIGN-IN' },
    ];
    for (const line of table(columns, rows, process.stdout.columns || 120)) console.log(line);
  });
}
