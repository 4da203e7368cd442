import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Identity } from '../../certs/identity.ts';
import { manufacture } from '../../certs/manufacture.ts';
import { registryEntryOf } from '../../certs/registry-entry.ts';
import { type Cloud, type CloudOptions, startCloud } from '../../cloud-stub/index.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { nodeListener } from '../../platform/node/listen.ts';
import { nodeRandom } from '../../platform/node/random.ts';
import { sharedAuthority } from './authority.ts';
import { exchange } from './raw-api.ts';

export interface TestCloud {
  cloud: Cloud;
  dir: string;
  orgId: string;
  siteId: string;
  /** New devices, entered and, unless told otherwise, claimed. */
  devices(count: number, options?: { keyType?: 'p256' | 'rsa2048'; claim?: boolean }): Promise<Identity[]>;
  api(path: string, init?: { method?: string; body?: unknown }): Promise<ApiAnswer>;
  stop(): Promise<void>;
}

export interface ApiAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape
  json: any;
}

/** A cloud on free ports in a folder of its own. */
export async function testCloud(options: Partial<CloudOptions> = {}): Promise<TestCloud> {
  const authority = await sharedAuthority();
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'airherd-cloud-'));
  const cloud = await startCloud({
    dir,
    authority,
    listener: nodeListener,
    clock: nodeClock,
    random: nodeRandom,
    ...options,
  });
  const { organisations } = cloud.registry;
  const org = organisations.ensure('Test organisation');
  const site = organisations.ensureSite(org.id, 'Test site');
  const token = cloud.bootstrapToken ?? cloud.registry.tokens.issue('test');
  return {
    cloud,
    dir,
    orgId: org.id,
    siteId: site.id,
    async devices(count, { keyType, claim = true } = {}) {
      const identities = await manufacture({ kind: 'ap', count, authority, keyType, nowMs: Date.now() });
      await cloud.registry.add(identities.map(registryEntryOf));
      if (claim) {
        for (const { serial } of identities) cloud.registry.claim({ serial, orgId: org.id, siteId: site.id });
      }
      return identities;
    },
    api: (path, init) => callApi(cloud, token, path, init),
    async stop() {
      await cloud.stop();
      if (!options.dir) rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A request with JSON both ways; `json` is undefined where the answer is none. */
export async function callApi(
  cloud: Pick<Cloud, 'apiPort' | 'trustPem'>,
  token: string | null,
  path: string,
  { method = 'GET', body }: { method?: string; body?: unknown } = {},
): Promise<ApiAnswer> {
  const answer = await exchange(cloud, {
    path,
    method,
    headers: token === null ? {} : { authorization: `Token ${token}` },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  try {
    return { ...answer, json: JSON.parse(answer.body.toString()) };
  } catch {
    return { ...answer, json: undefined };
  }
}
