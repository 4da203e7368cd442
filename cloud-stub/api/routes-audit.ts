import { z } from 'zod';
import type { AuditEntry } from '../audit/entry.ts';
import { CLOUD_LOG } from './audit.ts';
import { paged, pageQuery, window } from './paging.ts';
import { type Route, route } from './route.ts';
import { timeQuery, timeWindow } from './time-query.ts';

const logQuery = pageQuery.extend({
  ...timeQuery,
  site_id: z.string().max(64).optional(),
  admin_id: z.string().max(64).optional(),
});
const verifyQuery = z.object({
  head: z
    .string()
    .regex(/^\d+:[0-9a-f]{64}$/, 'is not a head')
    .optional(),
});

/** Entries have no UUID of their own: the sequence number in the form of one. */
const entryId = (seq: number): string => `00000000-0000-0000-2000-${seq.toString(16).padStart(12, '0')}`;

/** Mist's log item. */
const logShape = (entry: AuditEntry, orgId: string) => ({
  id: entryId(entry.seq),
  org_id: orgId,
  site_id: entry.siteId ?? undefined,
  timestamp: entry.atMs / 1000,
  admin_id: entry.actorId,
  admin_name: entry.actor?.name ?? 'erased',
  src_ip: entry.actor?.address,
  message: entry.outcome === 'done' ? entry.action : `${entry.action} (${entry.outcome})`,
  before: entry.detail?.before ?? undefined,
  after: entry.detail?.after ?? undefined,
});

/** The audit log, for those whose organisation it is about. Reading it is an entry as well. */
export const auditRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/orgs/:orgId/logs',
    may: 'audit.read',
    personal: true,
    query: logQuery,
    handle({ cloud, org, query, nowMs }) {
      const { audit } = cloud.stores.of(org.id);
      const { fromMs, toMs } = timeWindow(query, nowMs);
      const filter = { fromMs, toMs, siteId: query.site_id, actorId: query.admin_id };
      return {
        start: fromMs / 1000,
        end: toMs / 1000,
        limit: query.limit,
        page: query.page,
        total: audit.count(filter),
        results: audit.list({ ...filter, ...window(query) }).map((entry) => logShape(entry, org.id)),
      };
    },
  }),
  route({
    method: 'GET',
    path: '/api/airherd/v1/orgs/:orgId/audit',
    may: 'audit.read',
    personal: true,
    query: pageQuery,
    handle({ cloud, org, query, reply }) {
      const { audit } = cloud.stores.of(org.id);
      return paged(reply, query, audit.count({}), audit.list(window(query)));
    },
  }),
  route({
    method: 'GET',
    path: '/api/airherd/v1/orgs/:orgId/audit/verify',
    may: 'audit.read',
    personal: false,
    query: verifyQuery,
    handle: ({ cloud, org, query }) => cloud.stores.of(org.id).audit.verify(query.head),
  }),
  /** What is about no organisation: sign-ins that failed, this machine's operator. */
  route({
    method: 'GET',
    path: '/api/airherd/v1/audit',
    may: 'operate',
    personal: true,
    query: pageQuery,
    handle({ cloud, query, reply }) {
      const { audit } = cloud.stores.of(CLOUD_LOG);
      return paged(reply, query, audit.count({}), audit.list(window(query)));
    },
  }),
  route({
    method: 'GET',
    path: '/api/airherd/v1/audit/verify',
    may: 'operate',
    personal: false,
    query: verifyQuery,
    handle: ({ cloud, query }) => cloud.stores.of(CLOUD_LOG).audit.verify(query.head),
  }),
];
