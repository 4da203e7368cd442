import { subSeed } from '../world/random.ts';
import type { FleetConfig } from './config.ts';
import { siteOf } from './site-of.ts';

/**
 * Which worker has the device of this index: by its serial alone, so that it is the same in every process; devices
 * that observe one simulated site are together.
 */
export function shardOf(
  serial: string,
  index: number,
  config: Pick<FleetConfig, 'telemetry' | 'siteDevices'>,
  workers: number,
): number {
  const together = config.telemetry.world === undefined ? serial : `site ${siteOf(index, config).site}`;
  return subSeed(0, together) % workers;
}
