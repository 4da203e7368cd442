import { existsSync, readFileSync } from 'node:fs';
import { loadAuthority } from '../../../certs/authority.ts';
import { publicKeyIn } from '../../../certs/firmware-key.ts';
import { type Cloud, type CloudOptions, startCloud } from '../../../cloud-stub/index.ts';
import { LISTENERS } from '../../../cloud-stub/listeners.ts';
import { REGIONS, type RegionName } from '../../../cloud-stub/regions/regions.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { nodeListener } from '../../../platform/node/listen.ts';
import { nodeRandom } from '../../../platform/node/random.ts';
import { firmwareKeys } from '../../../protocol/firmware/manifest.ts';
import { airherdHome, cloudOf } from '../../home.ts';
import { regionPlaces } from '../../local-registry.ts';
import { masterKeyFrom, masterKeyScheme } from '../../master-key.ts';
import { removeOperatorFile, writeOperatorFile } from './operator-file.ts';

/** Name of the token that this machine's commands use while the cloud runs. */
const OPERATOR = 'operator';
/** Each region's ports are so many above those of the one before it (docs/regions.md). */
const PORT_STEP = 10;

/** The port of a region's listener, from that of the first; 0 takes a free one. */
export const portIn = (region: RegionName, port: number): number =>
  port === 0 ? 0 : port + PORT_STEP * REGIONS.indexOf(region);

export interface RunningRegion {
  name: RegionName;
  cloud: Cloud;
}

export type RegionOptions = Pick<
  CloudOptions,
  'host' | 'names' | 'minVersion' | 'log' | 'publicHost' | 'brokers' | 'brokerCertificates' | 'authPort'
> & {
  port: number;
  apiPort: number;
  /** Default: the documented one, or a free one where the device link takes a free one. */
  firmwarePort?: number;
  portal?: CloudOptions['portal'];
};

/** One cloud a region, each with folder, keys and listeners of its own. What was started is stopped on a failure. */
export async function startRegions(
  names: readonly RegionName[],
  { port, apiPort, firmwarePort, portal, ...shared }: RegionOptions,
): Promise<RunningRegion[]> {
  const home = airherdHome();
  const authority = await loadAuthority(home.ca);
  const running: RunningRegion[] = [];
  try {
    for (const name of names) {
      const dir = cloudOf(home.root, name);
      const cloud = await startCloud({
        ...shared,
        dir,
        region: name,
        otherRegions: regionPlaces(home.root),
        masterKey: masterKeyFrom(),
        masterKeySource: masterKeyScheme(),
        authority,
        listener: nodeListener,
        clock: nodeClock,
        random: nodeRandom,
        devicePort: portIn(name, port),
        apiPort: portIn(name, apiPort),
        firmwarePort: portIn(name, firmwarePort ?? (port === 0 ? 0 : LISTENERS.firmware.defaultPort)),
        firmwareKeys: () => keysIn(home.firmware),
        ...(portal && {
          portal: { port: portIn(name, portal.port), gatePort: portIn(name, portal.gatePort) },
        }),
      });
      running.push({ name, cloud });
      await writeOperatorFile(dir, {
        apiPort: cloud.apiPort,
        devicePort: cloud.devicePort,
        pid: process.pid,
        token: cloud.registry.tokens.issue(OPERATOR),
        trustPem: cloud.trustPem.join(''),
      });
    }
    return running;
  } catch (error) {
    await stopRegions(running);
    throw error;
  }
}

/** A key that is made while the cloud runs is taken as well. */
function keysIn(folder: string) {
  const path = publicKeyIn(folder);
  return existsSync(path) ? firmwareKeys(readFileSync(path, 'utf8')) : [];
}

export async function stopRegions(running: readonly RunningRegion[]): Promise<void> {
  const { root } = airherdHome();
  for (const { name, cloud } of [...running].reverse()) {
    cloud.registry.tokens.withdraw(OPERATOR);
    await removeOperatorFile(cloudOf(root, name));
    await cloud.stop();
  }
}
