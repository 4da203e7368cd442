import { AirherdError } from '../../../protocol/errors.ts';
import type { CloudApi } from '../../cloud-api.ts';

interface Privilege {
  scope: string;
  role: string;
  site_id?: string;
}

/** A role in the organisation, or at its site of that name. */
export async function privilegesFor(
  api: CloudApi,
  orgId: string,
  role: string,
  site: string | undefined,
): Promise<Privilege[]> {
  if (site === undefined) return [{ scope: 'org', role }];
  const sites = await api.json<{ id: string; name: string }[]>(`/api/v1/orgs/${orgId}/sites?limit=1000`);
  const found = sites.find(({ id, name }) => name === site || id === site);
  if (found) return [{ scope: 'site', role, site_id: found.id }];
  const detail = `there is no site ${site}: ${sites.map(({ name }) => name).join(', ') || 'there is none'}`;
  throw new AirherdError('usage-invalid', { detail });
}
