import { mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Outcome } from '../cloud-stub/audit/entry.ts';
import { UNCLAIMED_ORG } from '../cloud-stub/registry/organisations.ts';
import type { Registry } from '../cloud-stub/registry/registry.ts';
import { openOrgStore } from '../cloud-stub/store/org-store.ts';
import { nodeClock } from '../platform/node/clock.ts';
import { nodeRandom } from '../platform/node/random.ts';
import { airherdHome, cloudOf } from './home.ts';

/** What a command does past the API, on the files of this machine. */
export interface LocalChange {
  /** `device revoke`. */
  action: string;
  /** In whose log; null for the cloud's own. */
  orgId: string | null;
  detail: Record<string, unknown>;
}

/**
 * Runs `work` with an entry before it and one behind it, as the API has them, in the log of the organisation that it
 * is about. Throws store-full before anything is done when there is no room for the first.
 */
export async function audited<T>(
  registry: Registry,
  { action, orgId, detail }: LocalChange,
  work: () => T | Promise<T>,
): Promise<T> {
  const log = (outcome: Outcome) => {
    const id = orgId ?? UNCLAIMED_ORG;
    const folder = join(cloudOf(airherdHome().root, registry.region.name), 'orgs');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `${id}.db`);
    const store = openOrgStore({ path, orgId: id, keys: registry.orgKeys.keys(id), random: nodeRandom });
    try {
      const actor = { id: 'local', name: userInfo().username, address: 'this machine' };
      store.audit.append({ actor, action, outcome, detail }, nodeClock.wallMs());
    } finally {
      store.close();
    }
  };
  log('begun');
  try {
    const result = await work();
    log('done');
    return result;
  } catch (error) {
    log('failed');
    throw error;
  }
}
