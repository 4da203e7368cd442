import { type Command, Option } from 'commander';
import { ROLES } from '../../../cloud-stub/people/roles.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { type ApiFlags, openCloudApi, withApiFlags } from '../../cloud-api.ts';
import { readPassword } from '../../read-password.ts';
import { privilegesFor } from './privileges.ts';

interface Options extends ApiFlags {
  org?: string;
  site?: string;
  role?: string;
  name?: string;
  support?: boolean;
}

export function userAdd(group: Command): void {
  withApiFlags(
    group
      .command('add <email>')
      .description('a person; the password is asked for, or read from standard input')
      .option('--org <name>', 'organisation; the only one, when there is one')
      .option('--site <name>', 'at this site only')
      .addOption(new Option('--role <role>', 'what the person may do').choices(ROLES))
      .option('--name <name>', 'how the person is called')
      .option('--support', "of the vendor's staff: sees what customers leave open to them, no more"),
  ).action(async (email: string, { org, site, role, name = '', support, ...flags }: Options) => {
    if ((role === undefined) === !support) {
      throw new AirherdError('usage-invalid', { detail: 'give --role, or --support' });
    }
    const api = await openCloudApi(flags);
    const password = await readPassword(`password of ${email}`);
    if (support) {
      await api.json('/api/airherd/v1/staff', { method: 'POST', body: { email, name, password } });
      console.log(`${email} is of the support staff`);
      return;
    }
    const orgId = await api.organisation(org);
    const privileges = await privilegesFor(api, orgId, role ?? '', site);
    const body = { email, name, password, privileges };
    await api.json(`/api/v1/orgs/${orgId}/admins`, { method: 'POST', body });
    console.log(`${email} has the role ${role}`);
  });
}
