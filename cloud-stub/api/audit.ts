import type { NewEntry } from '../audit/entry.ts';
import { type Identity, organisationsOf } from '../people/identity.ts';
import { UNCLAIMED_ORG } from '../registry/organisations.ts';
import type { ApiCloud } from './context.ts';
import { plain } from './shapes.ts';

export type ApiEntry = Omit<NewEntry, 'actor'> & { orgIds: readonly string[] };

/** Where what is about no organisation is kept: the cloud's own log. */
export const CLOUD_LOG = UNCLAIMED_ORG;

/** Organisations whose customers are to see what somebody did about themselves. */
export const logsOf = (who: Identity): readonly string[] => {
  const own = organisationsOf(who);
  return own.length > 0 ? own : [CLOUD_LOG];
};

/** Writes the entry; throws store-full when there is no room, and then there is no answer either. */
export function record(
  cloud: Pick<ApiCloud, 'stores'>,
  who: Pick<Identity, 'id' | 'name' | 'email'>,
  address: string,
  { orgIds, ...entry }: ApiEntry,
  nowMs: number,
): void {
  const actor = { id: who.id, name: who.email ?? who.name, address };
  const detail = plain(entry.detail) as NewEntry['detail'];
  cloud.stores.write(() => {
    for (const orgId of orgIds) cloud.stores.of(orgId).audit.append({ ...entry, actor, detail }, nowMs);
  });
}
