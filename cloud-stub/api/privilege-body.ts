import { z } from 'zod';
import type { Privilege } from '../people/identity.ts';
import { ROLES } from '../people/roles.ts';
import type { Registry } from '../registry/registry.ts';
import { echoed } from './echoed.ts';
import { ApiFailure } from './failure.ts';

/** Roles as a request gives them. Only of the organisation in the path: whatever it names else is refused. */
export const privilegesBody = z
  .array(
    z.strictObject({
      ...echoed('name', 'org_name'),
      scope: z.enum(['org', 'site']),
      role: z.enum(ROLES),
      org_id: z.string().optional(),
      site_id: z.string().optional(),
    }),
  )
  .min(1)
  .max(100);

export function privilegesIn(
  { organisations }: Registry,
  orgId: string,
  wanted: z.output<typeof privilegesBody>,
): Privilege[] {
  return wanted.map(({ scope, role, org_id, site_id }) => {
    if (org_id !== undefined && org_id !== orgId)
      throw new ApiFailure(400, 'privileges: of another organisation');
    if (scope === 'org') return { scope, role, orgId };
    if (site_id === undefined || organisations.site(site_id)?.orgId !== orgId) {
      throw new ApiFailure(400, 'privileges: there is no such site');
    }
    return { scope, role, orgId, siteId: site_id };
  });
}
