import { z } from 'zod';
import { hostingReason, isCountry, REGIONS, regionRequired } from '../regions/regions.ts';
import { type Route, route } from './route.ts';

const base = '/api/airherd/v1/orgs/:orgId/hosting';
const country = z
  .string()
  .transform((code) => code.toUpperCase())
  .refine(isCountry, 'two letters, as DE (ISO 3166-1)');

/** In which region an organisation lives, and why. */
export const regionRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: base,
    may: 'privacy.read',
    personal: false,
    handle: ({ cloud, org }) => ({
      region: cloud.registry.region.name,
      country: org.country,
      why: hostingReason(org.country),
      /** Whether it may be in another region as well. */
      bound: regionRequired(org.country) !== null,
      regions: REGIONS,
    }),
  }),
  /** Its address. One in the EU is refused by every other region: the organisation is made there instead. */
  route({
    method: 'PUT',
    path: base,
    may: 'people.write',
    personal: false,
    body: z.strictObject({ country: country.nullable() }),
    handle({ cloud, org, body, changed }) {
      const after = cloud.registry.organisations.setCountry(org.id, body.country);
      changed({ country: org.country }, { country: after.country });
      return {
        region: cloud.registry.region.name,
        country: after.country,
        why: hostingReason(after.country),
      };
    },
  }),
];
