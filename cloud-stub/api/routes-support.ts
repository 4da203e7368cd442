import { z } from 'zod';
import { supportIsOpen } from '../people/authorise.ts';
import type { Organisation } from '../registry/organisations.ts';
import { ApiFailure } from './failure.ts';
import { type Route, route } from './route.ts';

const supportBody = z.strictObject({
  allow: z.boolean(),
  /** Epoch seconds; without it, until it is turned off. */
  until: z.number().positive().nullable().default(null),
});

const shape = (org: Organisation, nowMs: number) => ({
  allow: org.allowSupport,
  until: org.supportUntilMs === null ? null : org.supportUntilMs / 1000,
  open: supportIsOpen(org, nowMs),
});

/** Whether the vendor's staff may look in: the customer's switch. */
export const supportRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/airherd/v1/orgs/:orgId/support',
    may: 'org.read',
    personal: false,
    handle: ({ org, nowMs }) => shape(org, nowMs),
  }),
  route({
    method: 'PUT',
    path: '/api/airherd/v1/orgs/:orgId/support',
    may: 'support.write',
    personal: false,
    body: supportBody,
    handle({ cloud, org, body: { allow, until }, nowMs, changed }) {
      if (until !== null && until * 1000 <= nowMs) throw new ApiFailure(400, 'until: is in the past');
      const untilMs = until === null ? null : until * 1000;
      const after = shape(cloud.registry.organisations.setSupport(org.id, allow, untilMs), nowMs);
      changed(shape(org, nowMs), after);
      return after;
    },
  }),
];
