import { z } from 'zod';
import { withdrawConsent } from '../privacy/withdraw.ts';
import { ApiFailure, notFound } from './failure.ts';
import { type Route, route } from './route.ts';

const base = '/api/airherd/v1/orgs/:orgId/consents';
const consentBody = z.strictObject({
  purpose: z.string().trim().min(1).max(1000),
  /** Unix milliseconds. */
  untilMs: z.number().int(),
});

/** The customer's recorded consent to captures with payload. */
export const consentRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: base,
    may: 'privacy.read',
    personal: false,
    handle: ({ cloud, org }) =>
      cloud.registry.consents.list(org.id).map((consent) => ({
        ...consent,
        captures: cloud.registry.consents
          .captures(consent.id)
          .map(({ serial, captureId }) => ({ serial, captureId: captureId.toString('hex') })),
      })),
  }),
  route({
    method: 'POST',
    path: base,
    may: 'privacy.write',
    personal: false,
    body: consentBody,
    handle({ cloud, org, body, who, nowMs, changed }) {
      if (body.untilMs <= nowMs) throw new ApiFailure(400, 'untilMs is over already');
      const consent = cloud.registry.consents.record({ ...body, orgId: org.id, by: who.id });
      changed(null, consent);
      return consent;
    },
  }),
  /** Stops captures that run under it. */
  route({
    method: 'POST',
    path: `${base}/:consentId/withdraw`,
    may: 'privacy.write',
    personal: false,
    body: z.strictObject({ captured: z.enum(['delete', 'keep']) }),
    async handle({ cloud, org, params, body, changed }) {
      const before = cloud.registry.consents.find(org.id, params.consentId);
      const withdrawn = before && (await withdrawConsent(cloud, org.id, params.consentId, body.captured));
      if (!withdrawn) throw notFound('consent');
      changed(before, withdrawn);
      return withdrawn;
    },
  }),
];
