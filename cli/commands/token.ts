import { type Command, Option } from 'commander';
import { ROLES } from '../../cloud-stub/people/roles.ts';
import { type ApiFlags, type CloudApi, openCloudApi, withApiFlags } from '../cloud-api.ts';
import { table } from '../table.ts';
import { upTo } from '../whole-number.ts';
import { privilegesFor } from './user/privileges.ts';

const DAY_MS = 86_400_000;

interface CreateOptions extends ApiFlags {
  org?: string;
  site?: string;
  role: string;
  name: string;
  from?: string[];
  days?: number;
}

interface WhoseOptions extends ApiFlags {
  org?: string;
  operator?: boolean;
}

const pathOf = async (api: CloudApi, { org, operator }: WhoseOptions): Promise<string> =>
  operator ? '/api/airherd/v1/apitokens' : `/api/v1/orgs/${await api.organisation(org)}/apitokens`;

interface ListedToken {
  id: string;
  name: string;
  privileges?: { role: string; scope: string }[];
  src_ips?: string[];
  expire_time?: number;
  last_used?: number;
}

const date = (seconds: number | undefined): string =>
  seconds === undefined ? '' : new Date(seconds * 1000).toISOString().slice(0, 10);

function create(group: Command): void {
  withApiFlags(
    group
      .command('create')
      .description('an API token of an organisation; printed this once')
      .option('--org <name>', 'organisation; the only one, when there is one')
      .option('--site <name>', 'for this site only')
      .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
      .requiredOption('--name <name>', 'what it is for')
      .option('--from <networks...>', 'addresses or networks that it may come from')
      .option('--days <number>', 'until it expires', upTo(3650)),
  ).action(async ({ org, site, role, name, from, days, ...flags }: CreateOptions) => {
    const api = await openCloudApi(flags);
    const orgId = await api.organisation(org);
    const body = {
      name,
      privileges: await privilegesFor(api, orgId, role, site),
      ...(from && { src_ips: from }),
      ...(days !== undefined && { expire_time: Math.ceil((Date.now() + days * DAY_MS) / 1000) }),
    };
    const path = `/api/v1/orgs/${orgId}/apitokens`;
    const { key } = await api.json<{ key: string }>(path, { method: 'POST', body });
    console.log(key);
  });
}

function list(group: Command): void {
  withApiFlags(
    group
      .command('list')
      .description('API tokens of an organisation')
      .option('--org <name>', 'organisation; the only one, when there is one')
      .option('--operator', "this machine's operator's tokens instead, which may do everything")
      .option('--json', 'print JSON'),
  ).action(async ({ org, operator, json, ...flags }: WhoseOptions & { json?: boolean }) => {
    const api = await openCloudApi(flags);
    const tokens = await api.json<ListedToken[]>(await pathOf(api, { org, operator }));
    if (json) {
      console.log(JSON.stringify(tokens, null, 2));
      return;
    }
    const columns = [
      { title: 'ID' },
      { title: 'NAME', minWidth: 8 },
      { title: 'ROLE' },
      { title: 'FROM', minWidth: 8 },
      { title: 'EXPIRES' },
      { title: 'LAST USED' },
    ];
    const rows = tokens.map(({ id, name, privileges = [], src_ips = [], expire_time, last_used }) => [
      id,
      name,
      privileges.map(({ role }) => role).join(', '),
      src_ips.join(', '),
      date(expire_time),
      date(last_used),
    ]);
    for (const line of table(columns, rows, process.stdout.columns || 120)) console.log(line);
  });
}

function revoke(group: Command): void {
  withApiFlags(
    group
      .command('revoke <id>')
      .description('void an API token')
      .option('--org <name>', 'organisation; the only one, when there is one')
      .option('--operator', "one of this machine's operator"),
  ).action(async (id: string, { org, operator, ...flags }: WhoseOptions) => {
    const api = await openCloudApi(flags);
    const path = await pathOf(api, { org, operator });
    await api.json(`${path}/${encodeURIComponent(id)}`, { method: 'DELETE' });
    console.log(`${id} is void`);
  });
}

/** API tokens. Through the API, so that each change is in the audit log. */
export function token(program: Command): void {
  const group = program.command('token').description('API tokens: scoped, expiring, restricted to networks');
  for (const register of [create, list, revoke]) register(group);
}
