import { z } from 'zod';
import { AirherdError } from '../../protocol/errors.ts';
import { echoed } from './echoed.ts';
import { paged, pageQuery, window } from './paging.ts';
import { type Route, route } from './route.ts';
import { inventoryShape, orgShape, siteShape } from './shapes.ts';

const name = z.string().trim().min(1).max(128);
const claimBody = z.array(z.string().min(1).max(64)).min(1).max(1000);
const inventoryQuery = pageQuery.extend({
  serial: z.string().max(32).optional(),
  type: z.enum(['ap', 'switch', 'gateway']).optional(),
});
const sessionMinutes = z.number().int().min(10).max(20_160).optional();
const orgBody = z.strictObject({
  ...echoed('id', 'created_time'),
  name: name.optional(),
  allow_mist: z.boolean().optional(),
  session_expiry: sessionMinutes,
});
const settingBody = z.strictObject({ ...echoed('org_id'), session_expiry: sessionMinutes });
const siteBody = z.strictObject({ ...echoed('id', 'org_id', 'timezone', 'created_time'), name });

/** Mist's organisations, sites and inventory. */
export const organisationRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/orgs/:orgId',
    may: 'org.read',
    personal: false,
    handle: ({ org }) => orgShape(org),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/orgs/:orgId',
    may: 'people.write',
    personal: false,
    body: orgBody,
    handle({ cloud, org, body, changed }) {
      const { organisations } = cloud.registry;
      if (body.name !== undefined) organisations.rename(org.id, body.name);
      if (body.allow_mist !== undefined && body.allow_mist !== org.allowSupport) {
        organisations.setSupport(org.id, body.allow_mist, null);
      }
      if (body.session_expiry !== undefined) organisations.setSessionMinutes(org.id, body.session_expiry);
      const after = orgShape(organisations.find(org.id) ?? org);
      changed(orgShape(org), after);
      return after;
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/orgs/:orgId/setting',
    may: 'org.read',
    personal: false,
    handle: ({ org }) => ({ org_id: org.id, session_expiry: org.sessionMinutes }),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/orgs/:orgId/setting',
    may: 'people.write',
    personal: false,
    body: settingBody,
    handle({ cloud, org, body, changed }) {
      const minutes = body.session_expiry ?? org.sessionMinutes;
      const after = cloud.registry.organisations.setSessionMinutes(org.id, minutes);
      changed({ session_expiry: org.sessionMinutes }, { session_expiry: after.sessionMinutes });
      return { org_id: org.id, session_expiry: after.sessionMinutes };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/orgs/:orgId/sites',
    may: 'org.read',
    personal: false,
    query: pageQuery,
    handle({ cloud, org, query, reply }) {
      const { limit, offset } = window(query);
      const sites = cloud.registry.organisations.sites(org.id);
      return paged(reply, query, sites.length, sites.slice(offset, offset + limit).map(siteShape));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/orgs/:orgId/sites',
    may: 'org.write',
    personal: false,
    body: siteBody,
    handle({ cloud, org, body, changed }) {
      const { organisations } = cloud.registry;
      if (organisations.sites(org.id).some((site) => site.name === body.name)) {
        throw new AirherdError('name-taken', { name: body.name });
      }
      const site = organisations.ensureSite(org.id, body.name);
      changed(null, { id: site.id, name: site.name });
      return siteShape(site);
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/sites/:siteId',
    may: 'org.read',
    personal: false,
    handle: ({ site }) => siteShape(site),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/sites/:siteId',
    may: 'org.write',
    personal: false,
    body: siteBody,
    handle({ cloud, site, body, changed }) {
      const after = cloud.registry.organisations.renameSite(site.id, body.name);
      changed({ name: site.name }, { name: after.name });
      return siteShape(after);
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/orgs/:orgId/inventory',
    may: 'device.read',
    personal: false,
    query: inventoryQuery,
    handle({ cloud, org, query, reply }) {
      const { limit, offset } = window(query);
      const devices = cloud.registry
        .list({ orgId: org.id })
        .filter((device) => query.serial === undefined || device.serial === query.serial)
        .filter((device) => query.type === undefined || device.kind === query.type);
      const shown = devices
        .slice(offset, offset + limit)
        .map((device) => inventoryShape(device, cloud.sessions.of(device.serial) !== undefined));
      return paged(reply, query, devices.length, shown);
    },
  }),
  /** Claims by claim code, into the organisation's first site. */
  route({
    method: 'POST',
    path: '/api/v1/orgs/:orgId/inventory',
    may: 'device.claim',
    personal: false,
    body: claimBody,
    handle({ cloud, org, body, changed }) {
      const { registry } = cloud;
      const { organisations } = registry;
      const site = organisations.sites(org.id)[0] ?? organisations.ensureSite(org.id, 'Primary Site');
      const added: string[] = [];
      const error: string[] = [];
      const reason: string[] = [];
      for (const claimCode of body) {
        try {
          added.push(cloud.regions.claim({ claimCode, orgId: org.id, siteId: site.id }).serial);
        } catch (refusal) {
          if (!(refusal instanceof AirherdError)) throw refusal;
          error.push(claimCode);
          reason.push(refusal.message);
        }
      }
      changed(null, { claimed: added, refused: error.length });
      return { added, error, reason };
    },
  }),
];
