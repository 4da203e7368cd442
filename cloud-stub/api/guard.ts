import type { FastifyRequest } from 'fastify';
import { authorise } from '../people/authorise.ts';
import type { Identity } from '../people/identity.ts';
import type { Presented } from '../people/people.ts';
import { sameText } from '../people/web-sessions.ts';
import { UNCLAIMED_ORG } from '../registry/organisations.ts';
import type { Registry } from '../registry/registry.ts';
import { ApiFailure, notFound } from './failure.ts';
import type { Route, Target } from './route.ts';

export const SESSION_COOKIE = 'sessionid';
export const CSRF_COOKIE = 'csrftoken';

/** The scheme is matched in any case: clients send `token` as well as `Token`. */
const tokenOf = (authorization: string | undefined): string | null =>
  /^token +([A-Za-z0-9_-]{1,128})$/i.exec(authorization ?? '')?.[1] ?? null;

export function cookieOf(header: string | undefined, name: string): string | null {
  for (const pair of (header ?? '').split(';')) {
    const [key, value] = pair.trim().split('=');
    if (key === name && value && /^[A-Za-z0-9_-]{1,128}$/.test(value)) return value;
  }
  return null;
}

/** Whoever sends an Authorization header means it: no cookie stands in for one that is wrong. */
export function presentedBy({ headers, ip }: Pick<FastifyRequest, 'headers' | 'ip'>): Presented {
  const { authorization, cookie } = headers;
  if (authorization !== undefined) return { token: tokenOf(authorization) ?? '', cookie: null, address: ip };
  return { token: null, cookie: cookieOf(cookie, SESSION_COOKIE), address: ip };
}

export const unauthenticated = (): ApiFailure =>
  new ApiFailure(401, 'Authentication credentials were not provided or are not valid.');

/** A page elsewhere can make a browser send the cookie, but cannot read what goes into the header. */
export function checkMeant(who: Identity, method: string, header: unknown): void {
  if (!who.session || method === 'GET') return;
  if (typeof header === 'string' && sameText(header, who.session.csrf)) return;
  throw new ApiFailure(403, 'X-CSRFToken is missing or is not the one of this session');
}

/** What the path names. What is not there and what is not of the organisation is `not found`. */
export function targetOf(registry: Registry, params: Record<string, string | undefined>): Target {
  const { orgId, siteId, serial } = params;
  const { organisations } = registry;
  const site = siteId === undefined ? null : organisations.site(siteId);
  if (siteId !== undefined && !site) throw notFound('site');
  const device = serial === undefined ? null : registry.find(serial);
  if (serial !== undefined && !device) throw notFound('device');
  const id = orgId ?? site?.orgId ?? device?.orgId ?? null;
  const org = id === null || id === UNCLAIMED_ORG ? null : organisations.find(id);
  if (orgId !== undefined && !org) throw notFound('organisation');
  if (site && org && site.orgId !== org.id) throw notFound('site');
  if (device && org && device.orgId !== org.id) throw notFound('device');
  if (device && site && device.siteId !== site.id) throw notFound('device');
  return { org, site, device };
}

/** Throws what the requester is to know: 404 for what is not theirs to see, 403 for what is not theirs to do. */
export function checkMay(who: Identity, route: Route, target: Target, nowMs: number): void {
  const { org, site, device } = target;
  const verdict = authorise(
    who,
    route.may,
    org && { organisation: org, siteId: site?.id ?? device?.siteId ?? null },
    nowMs,
  );
  if (verdict === 'allowed') return;
  if (verdict === 'hidden' || (device && !org)) {
    throw notFound(device && !site ? 'device' : site ? 'site' : 'organisation');
  }
  throw new ApiFailure(403, 'your role does not allow this');
}
