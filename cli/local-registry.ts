import { type RegionDirectory, regionDirectory } from '../cloud-stub/regions/directory.ts';
import { REGIONS, type RegionName } from '../cloud-stub/regions/regions.ts';
import { openRegistry, type Registry } from '../cloud-stub/registry/registry.ts';
import { nodeClock } from '../platform/node/clock.ts';
import { nodeRandom } from '../platform/node/random.ts';
import { airherdHome, cloudOf, regionOf } from './home.ts';
import { masterKeyFrom } from './master-key.ts';

/** The regions of this machine, as a cloud of one of them is told of the others. */
export const regionPlaces = (root: string) =>
  REGIONS.map((name) => ({ name, dir: cloudOf(root, name), masterKey: masterKeyFrom() }));

/**
 * Runs `work` on this machine's registry of a region, which is made when there is none. A cloud that is running
 * sees the changes.
 */
export async function withRegistry<T>(
  work: (registry: Registry, regions: RegionDirectory) => T | Promise<T>,
  region: RegionName = regionOf(),
): Promise<T> {
  const { root } = airherdHome();
  const registry = openRegistry(cloudOf(root, region), {
    random: nodeRandom,
    clock: nodeClock,
    masterKey: masterKeyFrom(),
    region,
  });
  const places = regionPlaces(root);
  const regions = regionDirectory({ own: registry, places, clock: nodeClock, random: nodeRandom });
  try {
    return await work(registry, regions);
  } finally {
    regions.close();
    registry.close();
  }
}
