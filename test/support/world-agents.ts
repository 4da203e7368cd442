import type { Identity } from '../../certs/identity.ts';
import type { SharedWorld } from '../../platform/sim/world-source.ts';
import { startAgent } from './agent-lab.ts';
import type { TestCloud } from './cloud.ts';

/**
 * An agent for each device of a world, at the cloud of a lab, once all of them have heard the world to its end and the
 * cloud has stored what they said; `stops` gets what ends them. Resolves to their identities, in the order of `ids`.
 */
export async function agentsAtTheEndOf(
  shared: SharedWorld,
  ids: readonly string[],
  lab: TestCloud,
  stops: (() => Promise<void>)[],
): Promise<Identity[]> {
  const sources = ids.map((id) => shared.source(id));
  const identities = await lab.devices(ids.length);
  const agents = await Promise.all(
    identities.map(async (identity, i) => {
      const url = `mqtts://127.0.0.1:${lab.cloud.devicePort}`;
      const { agent } = await startAgent({ identity, url, sources: [sources[i]] });
      stops.push(() => agent.stop());
      return agent;
    }),
  );
  await Promise.all(agents.map((agent) => agent.sourcesEnded));
  await Promise.all(agents.map((agent) => agent.drained()));
  return identities;
}
