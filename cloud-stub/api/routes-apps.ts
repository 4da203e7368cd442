import { z } from 'zod';
import { AppLocations, type AppOptIn } from '../privacy/app-location.ts';
import { identifier } from '../privacy/identifier.ts';
import type { Organisation, Site } from '../registry/organisations.ts';
import type { ApiCloud } from './context.ts';
import { ApiFailure, notFound } from './failure.ts';
import { paged, pageQuery, window } from './paging.ts';
import { type Route, route } from './route.ts';

const base = '/api/airherd/v1/sites/:siteId';
/** 256 random bits that the installation of the app drew for itself: it proves which opt-in is meant. */
const key = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits');
const name = z.string().trim().min(1).max(255);
const withKey = z.strictObject({ key });
const optInBody = withKey.extend({
  textVersion: z.string().min(1).max(64),
  /** BCP 47. */
  language: z.string().regex(/^[A-Za-z0-9-]{2,35}$/, 'must be a language tag'),
  userName: name.optional(),
  email: z.email().max(255).optional(),
});
const metres = z.number().min(-10_000).max(10_000);
const positionBody = withKey.extend({
  xM: metres,
  yM: metres,
  floor: z.string().min(1).max(32).optional(),
  accuracyM: z.number().min(0).max(1000),
});

const appsOf = ({ stores }: ApiCloud, { id, orgId }: Site) => new AppLocations(stores.of(orgId), id);

/** While the organisation has the class off nothing of apps is taken, whoever agreed to it. */
function checkOn({ privacyClasses }: Organisation): void {
  if (!privacyClasses.includes('app.location')) throw new ApiFailure(403, 'class app.location is off');
}
const restricted = () => new ApiFailure(403, 'this person’s data may not be used');
/** In the form in which an erasure looks for it. */
const whoOf = ({ userName, email }: Pick<AppOptIn, 'userName' | 'email'>) =>
  email ? identifier('email', email) : userName ? identifier('user-name', userName) : null;
const shown = ({ id, consent }: AppOptIn) => ({ id, consent });

/** Phones' apps talk to the cloud themselves, not to access points. One token is for all installations of an app. */
export const appRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: `${base}/app-opt-ins`,
    may: 'app.report',
    personal: false,
    body: optInBody,
    handle({ cloud, org, site, body, nowMs, changed, about }) {
      checkOn(org);
      const { key: own, textVersion, language, userName, email } = body;
      const subject = whoOf({ userName, email });
      if (subject) about(subject);
      const person = { ...(userName && { userName }), ...(email && { email }) };
      const consent = { textVersion, language };
      const optIn = cloud.stores.write(() => appsOf(cloud, site).optIn(own, person, consent, nowMs));
      if (optIn === 'restricted') throw restricted();
      changed(null, shown(optIn));
      return shown(optIn);
    },
  }),
  /** At any time, whatever is on or off. */
  route({
    method: 'POST',
    path: `${base}/app-opt-ins/withdraw`,
    may: 'app.report',
    personal: false,
    body: withKey,
    handle({ cloud, site, body, changed, about }) {
      const before = cloud.stores.write(() => appsOf(cloud, site).withdraw(body.key));
      if (!before) throw notFound('opt-in');
      const subject = whoOf(before);
      if (subject) about(subject);
      changed(shown(before), null);
      return {};
    },
  }),
  /** As what a device sends, no entry in the audit log each: the opt-in and whoever looks have theirs. */
  route({
    method: 'POST',
    path: `${base}/app-locations`,
    may: 'app.report',
    personal: false,
    ownAudit: true,
    body: positionBody,
    handle({ cloud, org, site, body, nowMs }) {
      checkOn(org);
      cloud.stores.needRoom();
      const { key: own, ...position } = body;
      const refusal = cloud.stores.write(() => appsOf(cloud, site).report(own, position, nowMs));
      if (refusal === 'no-opt-in') throw new ApiFailure(403, 'nobody opted in with this key');
      if (refusal === 'restricted') throw restricted();
      return {};
    },
  }),
  route({
    method: 'GET',
    path: `${base}/app-locations`,
    may: 'location.read',
    personal: true,
    query: pageQuery,
    handle({ cloud, org, site, query, reply }) {
      if (!org.privacyClasses.includes('app.location')) return paged(reply, query, 0, []);
      const { total, places } = appsOf(cloud, site).places(window(query));
      const found = places.map(({ value: { position, ...person }, seenMs }) => ({
        ...person,
        ...position,
        seenMs,
      }));
      return paged(reply, query, total, found);
    },
  }),
];
