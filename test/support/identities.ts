import type { Privilege } from '../../cloud-stub/people/identity.ts';
import { passwords } from '../../cloud-stub/people/passwords.ts';
import type { Role } from '../../cloud-stub/people/roles.ts';
import type { User } from '../../cloud-stub/registry/users.ts';
import { nodeRandom } from '../../platform/node/random.ts';
import type { TestCloud } from './cloud.ts';

export const PASSWORD = 'correct horse battery';

let hashed: Promise<string> | null = null;

/** A person with the password `PASSWORD`. Hashed once: the hash is slow on purpose. */
export async function person(
  { cloud }: TestCloud,
  email: string,
  privileges: readonly Privilege[],
  kind: User['kind'] = 'person',
): Promise<User> {
  hashed ??= passwords(nodeRandom).hash(PASSWORD);
  return cloud.registry.users.add({ kind, email, name: email, passwordHash: await hashed, privileges });
}

/** The key of a new token with these roles. */
export const tokenFor = ({ cloud }: TestCloud, orgId: string, privileges: readonly Privilege[]): string =>
  cloud.registry.tokens.create({ name: 'test', orgId, userId: null, privileges }).key;

export const orgRole = (role: Role, orgId: string): Privilege => ({ scope: 'org', role, orgId });
export const siteRole = (role: Role, orgId: string, siteId: string): Privilege => ({
  scope: 'site',
  role,
  orgId,
  siteId,
});

/** The token of a person: it may what the person may. */
export const ownToken = ({ cloud }: TestCloud, { id }: User): string =>
  cloud.registry.tokens.create({ name: 'own', orgId: null, userId: id, privileges: [] }).key;
