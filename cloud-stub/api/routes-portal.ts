import type { z } from 'zod';
import { announcement } from '../portal/announce.ts';
import { type Guest, Guests } from '../portal/guests.ts';
import { portalSettings } from '../portal/settings.ts';
import type { StoredState } from '../store/state.ts';
import { notFound } from './failure.ts';
import { hexMac } from './mac-query.ts';
import { paged, pageQuery, window } from './paging.ts';
import { type CallBasics, type Route, route } from './route.ts';
import { macText } from './shapes.ts';

const base = '/api/airherd/v1/sites/:siteId/portal';
const MINUTE_MS = 60_000;
type PageQuery = z.output<typeof pageQuery>;

/** As the public API shows a guest; `field1` … are the customer's own. */
const guestShape = ({ value, siteId }: StoredState<Guest>, nowMs: number) => ({
  mac: value.mac && macText(value.mac),
  ip: value.ip4?.[0] ?? value.ip6?.[0],
  site_id: siteId,
  ssid: value.network,
  auth_method: 'passthrough',
  authorized: value.expiresMs > nowMs,
  authorized_time: Math.floor(value.authorisedMs / 1000),
  authorized_expiring_time: Math.floor(value.expiresMs / 1000),
  minutes: Math.round((value.expiresMs - value.authorisedMs) / MINUTE_MS),
  name: value.userName,
  email: value.email,
  ...value.answers,
  consent: {
    text_version: value.consent.textVersion,
    text_sha256: value.consent.textSha256,
    language: value.consent.language,
    time: Math.floor(value.consent.atMs / 1000),
  },
});

/** Of a site, or of all of an organisation's. */
function guests(
  { cloud, query, reply, nowMs }: Pick<CallBasics, 'cloud' | 'reply' | 'nowMs'> & { query: PageQuery },
  orgId: string,
  siteId?: string,
) {
  const { state } = cloud.stores.of(orgId);
  const found = state.list<Guest>('guest', { siteId, ...window(query) });
  const total = state.count('guest', { siteId });
  return paged(
    reply,
    query,
    total,
    found.map((one) => guestShape(one, nowMs)),
  );
}

/** The guest portal of a site, and who came through it. */
export const portalRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: base,
    may: 'privacy.read',
    personal: false,
    handle({ cloud, site }) {
      const { siteId, orgId: _, ...shown } = cloud.registry.portals.of(site);
      const url = cloud.portalUrl();
      return {
        ...shown,
        url: url && `${url}/guest/${siteId}`,
        announce: url && announcement(`${url}/captive/${siteId}`),
      };
    },
  }),
  route({
    method: 'PUT',
    path: base,
    may: 'privacy.write',
    personal: false,
    body: portalSettings,
    handle({ cloud, site, body, changed }) {
      const before = cloud.registry.portals.of(site);
      const { orgId: _, ...after } = cloud.registry.portals.set(site, body);
      changed(before, after);
      return after;
    },
  }),
  /** Every version of the words that guests agreed to. */
  route({
    method: 'GET',
    path: `${base}/texts`,
    may: 'privacy.read',
    personal: false,
    handle: ({ cloud, site }) => cloud.registry.portals.texts(site.id),
  }),
  route({
    method: 'GET',
    path: '/api/v1/sites/:siteId/guests',
    may: 'client.read',
    personal: true,
    query: pageQuery,
    handle: (call) => guests(call, call.site.orgId, call.site.id),
  }),
  route({
    method: 'GET',
    path: '/api/v1/orgs/:orgId/guests',
    may: 'client.read',
    personal: true,
    query: pageQuery,
    handle: (call) => guests(call, call.org.id),
  }),
  /** Ends the guest's access and forgets the record. */
  route({
    method: 'DELETE',
    path: '/api/v1/sites/:siteId/guests/:guestMac',
    may: 'subject.manage',
    personal: true,
    handle({ cloud, site, params }) {
      const mac = hexMac.safeParse(params.guestMac);
      const guests = new Guests(cloud.stores.of(site.orgId), cloud.registry.portals.of(site));
      if (!mac.success || !guests.remove({ mac: mac.data, address: '' })) throw notFound('guest');
      return {};
    },
  }),
];
