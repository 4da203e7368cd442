import { supportIsOpen } from '../people/authorise.ts';
import type { Identity, Privilege } from '../people/identity.ts';
import type { Organisations } from '../registry/organisations.ts';
import type { Registry } from '../registry/registry.ts';
import type { ApiToken } from '../registry/tokens.ts';
import type { User } from '../registry/users.ts';

const seconds = (ms: number): number => ms / 1000;
const maybeSeconds = (ms: number | null): number | undefined => (ms === null ? undefined : seconds(ms));

interface PrivilegeShape {
  scope: string;
  role: string;
  org_id?: string;
  site_id?: string;
  name?: string;
  org_name?: string;
}

export const privilegeShape = (privilege: Privilege): PrivilegeShape => ({
  scope: privilege.scope,
  role: privilege.role,
  ...('orgId' in privilege && { org_id: privilege.orgId }),
  ...('siteId' in privilege && { site_id: privilege.siteId }),
});

/** Clients want a role per organisation: who may see all of them has one in each. */
function privilegesShown(
  organisations: Organisations,
  { privileges }: Identity,
  nowMs: number,
): PrivilegeShape[] {
  return privileges.flatMap((privilege) => {
    if (privilege.scope !== 'all') {
      const { name = '' } = organisations.find(privilege.orgId) ?? {};
      const site = 'siteId' in privilege ? organisations.site(privilege.siteId) : null;
      return [{ ...privilegeShape(privilege), name: site?.name ?? name, org_name: name }];
    }
    const isSupport = privilege.role === 'support';
    return organisations
      .list()
      .filter((organisation) => !isSupport || supportIsOpen(organisation, nowMs))
      .map(({ id, name }) => ({
        scope: 'org',
        role: isSupport ? 'helpdesk' : privilege.role,
        org_id: id,
        name,
        org_name: name,
      }));
  });
}

/** Mist's `admin`: with an e-mail address for people, without one for tokens of organisations. */
export const selfShape = ({ organisations, users }: Registry, who: Identity, nowMs: number) => ({
  name: who.name,
  ...(who.email !== null && {
    admin_id: who.id,
    email: who.email,
    enable_two_factor: users.find(who.id)?.hasTwoFactor ?? false,
  }),
  privileges: privilegesShown(organisations, who, nowMs),
});

/** A person as an organisation's administrators see them: no role elsewhere is told. */
export const adminShape = (user: User, orgId: string) => ({
  admin_id: user.id,
  email: user.email,
  name: user.name,
  enable_two_factor: user.hasTwoFactor,
  privileges: user.privileges
    .filter((privilege) => 'orgId' in privilege && privilege.orgId === orgId)
    .map(privilegeShape),
});

export const tokenShape = (token: ApiToken) => ({
  id: token.id,
  name: token.name,
  ...(token.orgId !== null && { org_id: token.orgId, privileges: token.privileges.map(privilegeShape) }),
  ...(token.networks.length > 0 && { src_ips: token.networks }),
  created_by: token.createdBy ?? undefined,
  created_time: seconds(token.createdMs),
  expire_time: maybeSeconds(token.expiresMs),
  last_used: maybeSeconds(token.lastUsedMs),
});
