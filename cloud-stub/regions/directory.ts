import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Random } from '../../platform/ports/random.ts';
import { AirherdError } from '../../protocol/errors.ts';
import type { DeviceRecord } from '../registry/device.ts';
import { type ClaimRequest, openRegistry, type Registry } from '../registry/registry.ts';
import type { RegionName } from './regions.ts';

/** A region beside this one: its folder, opened when there is one. */
export interface RegionPlace {
  name: RegionName;
  dir: string;
  /** 32 bytes; those in the folder's `master.key` unless given. */
  masterKey?: Buffer;
}

export interface Elsewhere {
  region: RegionName;
  /** `mqtts://host:port`; null when that region has never run. */
  url: string | null;
}

/**
 * Which region answers for a device. Nothing is copied from one region to another for it: the other's registry is
 * asked where it lies.
 */
export interface RegionDirectory {
  /** The registry of the region in which the device is claimed; for an unclaimed one, of where it is known. */
  registryFor(serial: string): Registry;
  /** The other region in which a device is claimed; null when it is not. */
  elsewhere(serial: string): Elsewhere | null;
  /**
   * Claims into this region a device that was manufactured into the registry of another. Throws claim-refused for
   * one that is claimed there.
   */
  claim(request: ClaimRequest): DeviceRecord;
  /** Regions beside this one that have been set up. */
  others(): Registry[];
  /** Changes whenever any process changed the registry of any region. */
  version(): number;
  close(): void;
}

export interface DirectoryOptions {
  own: Registry;
  places: readonly RegionPlace[];
  clock: Clock;
  random: Random;
}

export function regionDirectory({ own, places, clock, random }: DirectoryOptions): RegionDirectory {
  const open = new Map<RegionName, Registry>();
  /** A region may be set up while this one runs. */
  const others = (): Registry[] => {
    for (const { name, dir, masterKey } of places) {
      if (name === own.region.name || open.has(name) || !existsSync(join(dir, 'registry.db'))) continue;
      open.set(name, openRegistry(dir, { clock, random, masterKey, region: name }));
    }
    return [...open.values()];
  };
  const claimedIn = (serial: string): Registry | null =>
    others().find((registry) => (registry.find(serial)?.orgId ?? null) !== null) ?? null;

  return {
    others,
    registryFor(serial) {
      const here = own.find(serial);
      if (here?.orgId) return own;
      return claimedIn(serial) ?? (here ? own : (others().find((one) => one.find(serial)) ?? own));
    },
    elsewhere(serial) {
      const other = own.find(serial)?.orgId ? null : claimedIn(serial);
      return other && { region: other.region.name, url: other.region.deviceUrl };
    },
    claim(request) {
      const { serial, claimCode } = request;
      const named = serial ?? (claimCode === undefined ? undefined : serialOf(claimCode));
      if (named !== undefined && !own.find(named)?.orgId) {
        if (claimedIn(named)) {
          throw new AirherdError('claim-refused', { detail: `${named} is claimed by another organisation` });
        }
        const maker = own.find(named) ? null : others().find((registry) => registry.find(named));
        const entry = maker?.entry(named);
        // Its claim code is kept as a hash under that registry's key: whoever has the code brings it along.
        if (entry) own.adopt(entry, claimCode ?? null);
      }
      return own.claim(request);
    },
    version: () => others().reduce((sum, registry) => sum + registry.version(), own.version()),
    close() {
      for (const registry of open.values()) registry.close();
      open.clear();
    },
  };

  function serialOf(claimCode: string): string | undefined {
    for (const registry of [own, ...others()]) {
      const found = registry.findByClaimCode(claimCode);
      if (found) return found.serial;
    }
    return undefined;
  }
}
