import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { issueServer } from '../../certs/issue-server.ts';
import type { ApiCloud } from '../../cloud-stub/api/context.ts';
import type { Route } from '../../cloud-stub/api/route.ts';
import { buildApi } from '../../cloud-stub/api/server.ts';
import { DEFAULT_API_LIMITS } from '../../cloud-stub/configuration.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { nodeRandom } from '../../platform/node/random.ts';
import { sharedAuthority } from './authority.ts';
import type { TestCloud } from './cloud.ts';

/**
 * The API of a running cloud, without its listener, with routes of the test's own choice. Their handlers may use
 * registry, stores and sessions; the rest of the cloud is not there.
 */
export async function apiApp({ cloud }: TestCloud, routes: readonly Route[]): Promise<FastifyInstance> {
  const { registry, stores, sessions } = cloud;
  const partial: Partial<ApiCloud> = { registry, stores, sessions };
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
      cloud: partial as ApiCloud,
      limits: { ...DEFAULT_API_LIMITS, requestsPerHour: 1_000_000 },
    },
    routes,
  );
  await app.ready();
  return app;
}
