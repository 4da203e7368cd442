import type { Config, Welcome } from '../../protocol/messages/down.ts';
import type { Hello } from '../../protocol/messages/hello.ts';
import type { Limits } from '../limits.ts';
import type { Elsewhere } from '../regions/directory.ts';
import type { DeviceRecord } from '../registry/device.ts';
import { allowedClasses } from '../registry/device-roles.ts';
import { UNCLAIMED_ORG } from '../registry/organisations.ts';
import type { Registry } from '../registry/registry.ts';
import type { Session, Standing } from './session.ts';

const unclaimed = (device: DeviceRecord): DeviceRecord => ({ ...device, orgId: null, siteId: null });

/** Where a device belongs now, and what its organisation lets it send. */
export function standingOf(
  registry: Registry,
  device: DeviceRecord,
  elsewhere: Elsewhere | null = null,
): Standing {
  // Of an organisation of another region not even the settings are looked at.
  if (elsewhere) return { ...standingOf(registry, unclaimed(device)), elsewhere };
  const orgId = device.orgId ?? UNCLAIMED_ORG;
  const organisation = registry.organisations.find(orgId);
  return {
    orgId,
    siteId: device.siteId,
    claimed: device.orgId !== null,
    privacyClasses: allowedClasses(device.role, organisation?.privacyClasses ?? ['device']),
    fields: registry.privacy.of(orgId).fields,
    configVersion: organisation?.configVersion ?? 1,
    configuration: device.orgId === null ? 0 : (registry.configurations.newest(device.serial)?.version ?? 0),
    elsewhere: null,
  };
}

export const welcome = (standing: Standing, limits: Limits, timeMs: number): Welcome => ({
  v: 1,
  timeMs,
  claimed: standing.claimed,
  maxPacket: limits.maxPacket,
  window: limits.window,
  privacyClasses: [...standing.privacyClasses],
  ...(standing.elsewhere?.url && { redirect: standing.elsewhere.url }),
});

/** Whether a device's hello tells of other settings than its organisation's. */
export const isBehind = ({ standing }: Session, { configVersion }: Pick<Hello, 'configVersion'>): boolean =>
  standing.claimed && configVersion !== standing.configVersion;

export const config = (standing: Standing): Config => ({
  v: 1,
  version: standing.configVersion,
  privacyClasses: [...standing.privacyClasses],
  fields: { ...standing.fields },
});

/** Sends a device its newest configuration, where it has one. */
export function configure(registry: Registry, session: Session): void {
  const newest = session.standing.configuration > 0 ? registry.configurations.newest(session.serial) : null;
  if (!newest) return;
  const { version, settings, confirmTimeoutS } = newest;
  session.send('configuration', { v: 1, version, settings, confirmTimeoutS });
}

/** Whether a device's hello tells that it judged another configuration last than the one that it should have. */
export const isUnconfigured = (
  { standing }: Session,
  { configuration }: Pick<Hello, 'configuration'>,
): boolean => configuration !== undefined && configuration !== standing.configuration;
