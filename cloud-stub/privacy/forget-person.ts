import { UNCLAIMED_ORG } from '../registry/organisations.ts';
import type { Registry } from '../registry/registry.ts';
import type { User } from '../registry/users.ts';
import type { Stores } from '../store/stores.ts';

/**
 * What the logs say of a person who has no account any more: the entries stay, with an id that names nobody; name
 * and address in them are noise from now on. How many keys were destroyed.
 */
export function forgetPerson(
  { registry, stores }: { registry: Registry; stores: Stores },
  { id, email }: Pick<User, 'id' | 'email'>,
): number {
  const logs = [UNCLAIMED_ORG, ...registry.organisations.list().map((organisation) => organisation.id)];
  let destroyed = 0;
  for (const orgId of logs) {
    const { audit } = stores.of(orgId);
    if (audit.forget({ kind: 'actor', value: id })) destroyed++;
    if (audit.forget({ kind: 'email', value: email.trim() })) destroyed++;
  }
  return destroyed;
}
