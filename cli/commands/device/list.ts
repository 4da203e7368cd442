import type { Command } from 'commander';
import { listSerials } from '../../../certs/place-identity.ts';
import type { Registry } from '../../../cloud-stub/registry/registry.ts';
import { airherdHome } from '../../home.ts';
import { withRegistry } from '../../local-registry.ts';
import { table } from '../../table.ts';

interface ListedDevice {
  serial: string;
  kind: string;
  model: string;
  mac: string;
  state: 'unclaimed' | 'claimed' | 'revoked';
  org: string | null;
  site: string | null;
  /** Whether this machine holds its identity. */
  local: boolean;
}

function listed(registry: Registry, local: ReadonlySet<string>): ListedDevice[] {
  const { organisations } = registry;
  const names = new Map<string, string | null>();
  const nameOf = (id: string | null, find: (id: string) => { name: string } | null) => {
    if (id === null) return null;
    if (!names.has(id)) names.set(id, find(id)?.name ?? null);
    return names.get(id) ?? id;
  };
  return registry.list().map(({ serial, kind, model, mac, orgId, siteId, revokedMs }) => ({
    serial,
    kind,
    model,
    mac,
    state: revokedMs !== null ? 'revoked' : orgId === null ? 'unclaimed' : 'claimed',
    org: nameOf(orgId, organisations.find),
    site: nameOf(siteId, organisations.site),
    local: local.has(serial),
  }));
}

/** `airherd device list`: what the registry of this machine knows. */
export function deviceList(group: Command): void {
  group
    .command('list')
    .description('list the devices of the registry')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const local = new Set(listSerials(airherdHome().devices));
      const devices = await withRegistry((registry) => listed(registry, local));
      if (options.json) {
        console.log(JSON.stringify(devices, null, 2));
        return;
      }
      const titles = ['serial', 'kind', 'model', 'mac', 'state', 'organisation', 'site', 'identity'];
      const rows = devices.map(({ serial, kind, model, mac, state, org, site, local: here }) => [
        serial,
        kind,
        model,
        mac,
        state,
        org ?? '-',
        site ?? '-',
        here ? 'here' : '-',
      ]);
      const width = process.stdout.columns ?? Number.POSITIVE_INFINITY;
      for (const line of table(
        titles.map((title) => ({ title })),
        rows,
        width,
      ))
        console.log(line);
    });
}
