import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Authority, createAuthority, loadAuthority } from '../certs/authority.ts';
import { type BatchDevice, runBatch } from '../certs/batch.ts';
import type { BatchOrder } from '../certs/batch-journal.ts';
import type { Identity } from '../certs/identity.ts';
import { DEFAULT_MODEL } from '../certs/make-identity.ts';
import { DEFAULT_DAYS } from '../certs/manufacture.ts';
import { listSerials } from '../certs/place-identity.ts';
import { exists } from '../certs/private-file.ts';
import { registryEntryOf } from '../certs/registry-entry.ts';
import type { Registry } from '../cloud-stub/registry/registry.ts';
import { nodeClock } from '../platform/node/clock.ts';
import type { Home } from './home.ts';

/** The authority of a home that a command keeps for itself, made on its first run. */
export async function ownAuthority(home: Home, say: (line: string) => void): Promise<Authority> {
  if (await exists(join(home.ca, 'root.pem'))) return loadAuthority(home.ca);
  say('making a manufacturing authority (three RSA-4096 keys, once; some seconds) ...');
  return createAuthority(home.ca, { nowMs: nodeClock.wallMs() });
}

/** Of the devices that a home has, in order. */
export const ownSerials = async (home: Home): Promise<string[]> =>
  (await exists(home.devices)) ? listSerials(home.devices) : [];

/** More devices for a home; the registry of a run is made anew with it, and gets them then. */
export async function makeOwn(
  home: Home,
  authority: Authority,
  { kind, count, signal }: { kind: BatchOrder['kind']; count: number; signal?: AbortSignal },
  onProgress?: (done: number, total: number) => void,
): Promise<BatchDevice[]> {
  const { devices } = await runBatch(
    {
      order: { kind, count, keyType: 'p256', model: DEFAULT_MODEL[kind], days: DEFAULT_DAYS },
      authority,
      devicesDir: home.devices,
      registry: { add: async () => {} },
      nowMs: nodeClock.wallMs(),
      cores: availableParallelism(),
      signal,
    },
    onProgress,
  );
  return devices;
}

/** Enters devices into a registry that does not have them, and claims them for one site. */
export async function enterOwn(
  registry: Registry,
  identities: readonly Identity[],
  names: { org: string; site: string },
): Promise<{ orgId: string }> {
  const { id: orgId } = registry.organisations.ensure(names.org);
  const { id: siteId } = registry.organisations.ensureSite(orgId, names.site);
  await registry.add(identities.map(registryEntryOf));
  for (const { serial } of identities) registry.claim({ serial, orgId, siteId });
  return { orgId };
}
