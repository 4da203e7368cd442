import type { Welcome } from '../../protocol/messages/down.ts';
import type { Limits } from '../limits.ts';
import type { DeviceRecord } from '../registry/device.ts';
import { UNCLAIMED_ORG } from '../registry/organisations.ts';
import type { Registry } from '../registry/registry.ts';
import type { Standing } from './session.ts';

/** Where a device belongs now, and what its organisation lets it send. */
export function standingOf(registry: Registry, device: DeviceRecord): Standing {
  const orgId = device.orgId ?? UNCLAIMED_ORG;
  const organisation = registry.organisations.find(orgId);
  return {
    orgId,
    siteId: device.siteId,
    claimed: device.orgId !== null,
    privacyClasses: organisation?.privacyClasses ?? ['device'],
    configVersion: organisation?.configVersion ?? 1,
  };
}

export const welcome = (standing: Standing, limits: Limits, timeMs: number): Welcome => ({
  v: 1,
  timeMs,
  claimed: standing.claimed,
  maxPacket: limits.maxPacket,
  window: limits.window,
  privacyClasses: [...standing.privacyClasses],
});
