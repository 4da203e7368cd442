import { z } from 'zod';
import { AirherdError } from '../../protocol/errors.ts';
import { organisationOf, type Routes, siteOf } from './context.ts';
import { paged, pageQuery, window } from './paging.ts';
import { inventoryShape, orgShape, siteShape } from './shapes.ts';

const claimBody = z.array(z.string().min(1).max(64)).min(1).max(1000);
const inventoryQuery = pageQuery.extend({
  serial: z.string().optional(),
  type: z.enum(['ap', 'switch', 'gateway']).optional(),
});

/** Mist's `self`, organisations, sites and inventory. */
export const organisationRoutes: Routes = (app, cloud) => {
  const { registry, sessions } = cloud;
  const { organisations } = registry;

  app.get('/api/v1/self', () => ({
    name: 'airherd operator',
    privileges: organisations
      .list()
      .map(({ id, name }) => ({ scope: 'org', role: 'admin', org_id: id, name, org_name: name })),
  }));

  app.get<{ Params: { orgId: string } }>('/api/v1/orgs/:orgId', ({ params }) =>
    orgShape(organisationOf(cloud, params.orgId)),
  );

  app.get<{ Params: { orgId: string } }>('/api/v1/orgs/:orgId/sites', ({ params, query }, reply) => {
    const page = pageQuery.parse(query);
    const { limit, offset } = window(page);
    const sites = organisations.sites(organisationOf(cloud, params.orgId).id);
    return paged(reply, page, sites.length, sites.slice(offset, offset + limit).map(siteShape));
  });

  app.get<{ Params: { siteId: string } }>('/api/v1/sites/:siteId', ({ params }) =>
    siteShape(siteOf(cloud, params.siteId)),
  );

  app.get<{ Params: { orgId: string } }>('/api/v1/orgs/:orgId/inventory', ({ params, query }, reply) => {
    const page = inventoryQuery.parse(query);
    const { limit, offset } = window(page);
    const devices = registry
      .list({ orgId: organisationOf(cloud, params.orgId).id })
      .filter((device) => page.serial === undefined || device.serial === page.serial)
      .filter((device) => page.type === undefined || device.kind === page.type);
    const shown = devices
      .slice(offset, offset + limit)
      .map((device) => inventoryShape(device, sessions.of(device.serial) !== undefined));
    return paged(reply, page, devices.length, shown);
  });

  /** Claims by claim code, into the organisation's first site. */
  app.post<{ Params: { orgId: string } }>('/api/v1/orgs/:orgId/inventory', ({ params, body }) => {
    const orgId = organisationOf(cloud, params.orgId).id;
    const site = organisations.sites(orgId)[0] ?? organisations.ensureSite(orgId, 'Primary Site');
    const added: string[] = [];
    const error: string[] = [];
    const reason: string[] = [];
    for (const claimCode of claimBody.parse(body)) {
      try {
        added.push(registry.claim({ claimCode, orgId, siteId: site.id }).serial);
      } catch (refusal) {
        if (!(refusal instanceof AirherdError)) throw refusal;
        error.push(claimCode);
        reason.push(refusal.message);
      }
    }
    return { added, error, reason };
  });
};
