import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { issueServer } from '../../certs/issue-server.ts';
import type { ApiCloud } from '../../cloud-stub/api/context.ts';
import type { Route } from '../../cloud-stub/api/route.ts';
import { buildApi } from '../../cloud-stub/api/server.ts';
import { LiveCaptures } from '../../cloud-stub/captures/live.ts';
import { DEFAULT_API_LIMITS } from '../../cloud-stub/configuration.ts';
import { DEFAULT_LIMITS } from '../../cloud-stub/limits.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { nodeRandom } from '../../platform/node/random.ts';
import { sharedAuthority } from './authority.ts';
import type { TestCloud } from './cloud.ts';

/**
 * The API of a running cloud, without its listener, with routes of the test's own choice. `change`: parts that are to
 * be others than the cloud's.
 */
export async function apiApp(
  { cloud }: TestCloud,
  routes: readonly Route[],
  change: Partial<ApiCloud> = {},
): Promise<FastifyInstance> {
  const { registry, regions, stores, sessions, refusals, ingest, renewal, keyRotation, commands, firmware } =
    cloud;
  const whole: ApiCloud = {
    ...{ registry, regions, stores, sessions, refusals, ingest, renewal, keyRotation, commands, firmware },
    live: new LiveCaptures(),
    consents: registry.consents,
    applySettings() {},
    clock: nodeClock,
    retention: { counts: { messages: 0, records: 0, audit: 0, dayKeys: 0, passes: 0, lastPassMs: null } },
    startedMs: nodeClock.wallMs(),
    devicePort: cloud.devicePort,
    portalUrl: () => null,
    configuration: {
      listeners: [],
      limits: DEFAULT_LIMITS,
      api: DEFAULT_API_LIMITS,
      masterKey: 'folder',
      logLevel: 'silent',
      storeQuotaBytes: null,
    },
    ...change,
  };
  const app = await buildApi(
    {
      credentials: await issueServer(await sharedAuthority(), {
        names: ['localhost'],
        days: 1,
        nowMs: Date.now(),
      }),
      clock: nodeClock,
      random: nodeRandom,
      log: pino({ level: 'silent' }),
      cloud: whole,
      limits: { ...DEFAULT_API_LIMITS, requestsPerHour: 1_000_000 },
    },
    routes,
  );
  await app.ready();
  return app;
}
