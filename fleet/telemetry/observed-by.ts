import type { Identity } from '../../certs/identity.ts';
import { hash, subSeed } from '../../world/random.ts';
import type { FleetConfig } from '../config.ts';
import { siteOf } from '../site-of.ts';
import { accessPointAir } from './access-point.ts';
import { switchPort } from './switch.ts';
import type { TimedFrames } from './timed-source.ts';

/** What the device of this index hears; of an access point, its clients may walk on within the site. */
export function observedBy(identity: Identity, index: number, config: FleetConfig): TimedFrames {
  const { siteDevices, devices } = config;
  if (identity.kind === 'switch') return switchPort(identity.mac, subSeed(config.seed, identity.serial));
  const { rank } = siteOf(index, config);
  const first = index - rank;
  const inSite = Math.min(siteDevices, devices - first);
  return accessPointAir({
    mac: identity.mac,
    seed: subSeed(config.seed, identity.serial),
    // After each wave it has those of the device before it; behind the last of a site comes the first.
    clientsSeed: (waves) => hash(config.seed, 6, first + ((((rank - waves) % inSite) + inSite) % inSite)),
  });
}
