import type { Organisation } from '../registry/organisations.ts';
import type { Identity, Privilege } from './identity.ts';
import { type Permission, ROLE_PERMISSIONS } from './roles.ts';

/** What a request is about; null for the cloud as a whole, or for oneself. */
export interface Target {
  organisation: Organisation;
  siteId: string | null;
}

/** `hidden`: who asks is not to learn whether it exists. */
export type Verdict = 'allowed' | 'forbidden' | 'hidden';

/** Support staff come in while the customer lets them: without an end, or until one. */
export const supportIsOpen = (
  { allowSupport, supportUntilMs }: Pick<Organisation, 'allowSupport' | 'supportUntilMs'>,
  nowMs: number,
): boolean => allowSupport && (supportUntilMs === null || nowMs < supportUntilMs);

/** Whether the privilege has anything to do with this organisation. */
function sees(privilege: Privilege, { organisation }: Target, nowMs: number): boolean {
  if (privilege.role === 'support') return supportIsOpen(organisation, nowMs);
  return privilege.scope === 'all' || privilege.orgId === organisation.id;
}

/** A role at a site is none in the organisation, nor at its other sites. */
const reaches = (privilege: Privilege, { siteId }: Target): boolean =>
  privilege.scope !== 'site' || privilege.siteId === siteId;

export function authorise(
  identity: Identity,
  permission: Permission,
  target: Target | null,
  nowMs: number,
): Verdict {
  const { privileges } = identity;
  if (permission === 'anyone' || permission === 'self') return 'allowed';
  const isOperator = privileges.some(({ scope, role }) => scope === 'all' && role === 'admin');
  if (!target || permission === 'operate') return isOperator ? 'allowed' : 'forbidden';
  const seen = privileges.filter((privilege) => sees(privilege, target, nowMs));
  if (seen.length === 0) return 'hidden';
  const reaching = seen.filter((privilege) => reaches(privilege, target));
  // Who has a role at one site only is not to learn which others there are.
  if (reaching.length === 0 && target.siteId !== null) return 'hidden';
  return reaching.some(({ role }) => ROLE_PERMISSIONS[role].includes(permission)) ? 'allowed' : 'forbidden';
}
