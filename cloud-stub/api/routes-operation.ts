import { z } from 'zod';
import { PRIVACY_CLASSES } from '../../protocol/privacy.ts';
import { PROMISES } from '../privacy/promises.ts';
import { organisationOf, type Routes } from './context.ts';
import { notFound } from './failure.ts';
import { pageQuery } from './paging.ts';
import { cloudStatus, ledger } from './status.ts';

const ledgerQuery = z.object({ serial: z.string().max(32).optional() });
const renewBody = z.strictObject({ days: z.number().int().min(1).max(36_500).optional() });
const privacyBody = z.strictObject({ privacyClasses: z.array(z.enum(PRIVACY_CLASSES)) });

/** Running the cloud: status, refusals, ledger, privacy settings, renewal and revocation. */
export const operationRoutes =
  (nowMs: () => number): Routes =>
  (app, cloud) => {
    const { registry, refusals, renewal, keyRotation } = cloud;

    app.get('/api/airherd/v1/status', () => cloudStatus(cloud, nowMs()));
    app.get('/api/airherd/v1/refusals', () => ({ counts: refusals.counts(), recent: refusals.recent() }));
    app.get('/api/airherd/v1/security-events', ({ query }) =>
      registry.events.list(pageQuery.parse(query).limit),
    );
    app.get('/api/airherd/v1/ledger', ({ query }) => ledger(cloud, ledgerQuery.parse(query).serial));
    app.get('/api/airherd/v1/promises', () => PROMISES);

    app.get<{ Params: { orgId: string } }>('/api/airherd/v1/orgs/:orgId/privacy', ({ params }) => {
      const { privacyClasses, configVersion } = organisationOf(cloud, params.orgId);
      return { privacyClasses, version: configVersion };
    });
    app.put<{ Params: { orgId: string } }>('/api/airherd/v1/orgs/:orgId/privacy', ({ params, body }) => {
      const { id } = organisationOf(cloud, params.orgId);
      // A device's own health is what it is managed by: `device` cannot be off.
      const wanted = new Set([...privacyBody.parse(body).privacyClasses, 'device']);
      const classes = PRIVACY_CLASSES.filter((name) => wanted.has(name));
      const { privacyClasses, configVersion } = registry.organisations.setPrivacyClasses(id, classes);
      return { privacyClasses, version: configVersion };
    });

    app.post<{ Params: { serial: string } }>(
      '/api/airherd/v1/devices/:serial/renew',
      async ({ params, body }) => {
        const { serial } = params;
        if (!registry.find(serial)) throw notFound('device');
        return renewal.renew(serial, renewBody.parse(body ?? {}).days);
      },
    );
    app.post<{ Params: { serial: string } }>(
      '/api/airherd/v1/devices/:serial/rotate-key',
      async ({ params }) => {
        const { serial } = params;
        if (!registry.find(serial)) throw notFound('device');
        await keyRotation.rotate(serial);
        return { serial };
      },
    );
    app.post<{ Params: { serial: string } }>('/api/airherd/v1/devices/:serial/revoke', ({ params }) => {
      const { serial, revokedMs } = registry.revoke(params.serial);
      return { serial, revokedMs };
    });
  };
