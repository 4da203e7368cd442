import { z } from 'zod';
import { PROMISES } from '../privacy/promises.ts';
import { pageQuery } from './paging.ts';
import { type Route, route } from './route.ts';
import { cloudStatus, ledger } from './status.ts';

const ledgerQuery = z.object({ serial: z.string().max(32).optional() });

/** Running the cloud: status, refusals, ledger. */
export const operationRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/airherd/v1/status',
    may: 'operate',
    personal: false,
    handle: ({ cloud, nowMs }) => cloudStatus(cloud, nowMs),
  }),
  /** What it runs with; `airherd cloud check` judges it. */
  route({
    method: 'GET',
    path: '/api/airherd/v1/configuration',
    may: 'operate',
    personal: false,
    handle: ({ cloud }) => cloud.configuration,
  }),
  route({
    method: 'GET',
    path: '/api/airherd/v1/refusals',
    may: 'operate',
    personal: false,
    handle: ({ cloud: { refusals } }) => ({ counts: refusals.counts(), recent: refusals.recent() }),
  }),
  route({
    method: 'GET',
    path: '/api/airherd/v1/security-events',
    may: 'operate',
    personal: false,
    query: pageQuery,
    handle: ({ cloud, query }) => cloud.registry.events.list(query.limit),
  }),
  route({
    method: 'GET',
    path: '/api/airherd/v1/ledger',
    may: 'operate',
    personal: false,
    query: ledgerQuery,
    handle: ({ cloud, query }) => ledger(cloud, query.serial),
  }),
  route({
    method: 'GET',
    path: '/api/airherd/v1/promises',
    may: 'self',
    personal: false,
    handle: () => PROMISES,
  }),
];
