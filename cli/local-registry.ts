import { openRegistry, type Registry } from '../cloud-stub/registry/registry.ts';
import { nodeClock } from '../platform/node/clock.ts';
import { nodeRandom } from '../platform/node/random.ts';
import { airherdHome } from './home.ts';
import { masterKeyFrom } from './master-key.ts';

/** Runs `work` on this machine's registry. A cloud that is running sees the changes. */
export async function withRegistry<T>(work: (registry: Registry) => T | Promise<T>): Promise<T> {
  const registry = openRegistry(airherdHome().cloud, {
    random: nodeRandom,
    clock: nodeClock,
    masterKey: masterKeyFrom(),
  });
  try {
    return await work(registry);
  } finally {
    registry.close();
  }
}
