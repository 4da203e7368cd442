import { z } from 'zod';
import { PRIVACY_CLASSES } from '../../protocol/privacy.ts';
import { collectedNow } from '../privacy/collected.ts';
import { privacyChange } from '../privacy/settings.ts';
import type { ApiCloud } from './context.ts';
import { type Route, route } from './route.ts';

const privacyBody = privacyChange.extend({ privacyClasses: z.array(z.enum(PRIVACY_CLASSES)).optional() });

function settingsShown(cloud: ApiCloud, orgId: string) {
  const { privacyClasses, configVersion } = cloud.registry.organisations.known(orgId);
  return { privacyClasses, version: configVersion, ...cloud.registry.privacy.of(orgId) };
}

export const hasPortal = ({ registry }: Pick<ApiCloud, 'registry'>, orgId: string): boolean =>
  registry.portals.enabled().some((portal) => portal.orgId === orgId);

/** What is collected, and the organisation's switches for it. */
export const privacyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/airherd/v1/orgs/:orgId/privacy',
    may: 'privacy.read',
    personal: false,
    handle: ({ cloud, org }) => ({
      ...settingsShown(cloud, org.id),
      collected: collectedNow(
        org.privacyClasses,
        cloud.registry.privacy.of(org.id),
        hasPortal(cloud, org.id),
      ),
    }),
  }),
  /** When this has answered, nothing of a class that it switched off is stored any more. */
  route({
    method: 'PUT',
    path: '/api/airherd/v1/orgs/:orgId/privacy',
    may: 'privacy.write',
    personal: false,
    body: privacyBody,
    handle: ({ cloud, org, body, changed }) => {
      const { privacyClasses, ...change } = body;
      const before = settingsShown(cloud, org.id);
      if (Object.keys(change).length > 0) cloud.registry.privacy.change(org.id, change);
      if (privacyClasses) {
        // A device's own health is what it is managed by: `device` cannot be off.
        const wanted = new Set([...privacyClasses, 'device']);
        const classes = PRIVACY_CLASSES.filter((name) => wanted.has(name));
        cloud.registry.organisations.setPrivacyClasses(org.id, classes);
      }
      cloud.applySettings();
      const after = settingsShown(cloud, org.id);
      changed(before, after);
      return after;
    },
  }),
];
