import { z } from 'zod';
import { isNetwork } from '../people/networks.ts';
import type { Registry } from '../registry/registry.ts';
import type { ApiToken } from '../registry/tokens.ts';
import { ApiFailure, notFound } from './failure.ts';
import { privilegesBody, privilegesIn } from './privilege-body.ts';
import { type Route, route } from './route.ts';
import { tokenShape } from './shapes-people.ts';

const common = {
  name: z.string().trim().min(1).max(64),
  src_ips: z
    .array(z.string().max(64).refine(isNetwork, 'is not an address or a network'))
    .max(32)
    .default([]),
  /** Epoch seconds. */
  expire_time: z.number().positive().optional(),
};
const userTokenBody = z.strictObject(common);
const orgTokenBody = z.strictObject({ ...common, privileges: privilegesBody });

const expiry = (seconds: number | undefined, nowMs: number): number | null => {
  if (seconds === undefined) return null;
  if (seconds * 1000 <= nowMs) throw new ApiFailure(400, 'expire_time: is in the past');
  return seconds * 1000;
};

const operatorTokens = ({ tokens }: Registry): ApiToken[] =>
  tokens.list().filter(({ orgId, userId }) => orgId === null && userId === null);

/** Revokes one of the owner's own tokens; anybody else's is not found. */
function revokeToken(
  { tokens }: Registry,
  owner: { orgId?: string; userId?: string },
  tokenId: string,
): ApiToken {
  const token = tokens.list(owner).find(({ id }) => id === tokenId);
  if (!token) throw notFound('token');
  tokens.revoke(token.id);
  return token;
}

/** API tokens of people and of organisations. The key is in the answer that makes it, and never again. */
export const tokenRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/self/apitokens',
    may: 'self',
    personal: false,
    handle: ({ cloud, who }) => cloud.registry.tokens.list({ userId: who.id }).map(tokenShape),
  }),
  route({
    method: 'POST',
    path: '/api/v1/self/apitokens',
    may: 'self',
    personal: false,
    body: userTokenBody,
    handle({ cloud, who, body, nowMs, changed }) {
      if (!cloud.registry.users.find(who.id)) throw new ApiFailure(403, 'tokens have no tokens');
      const { key, token } = cloud.registry.tokens.create({
        name: body.name,
        orgId: null,
        userId: who.id,
        privileges: [],
        networks: body.src_ips,
        createdBy: who.id,
        expiresMs: expiry(body.expire_time, nowMs),
      });
      changed(null, tokenShape(token));
      return { ...tokenShape(token), key };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/self/apitokens/:tokenId',
    may: 'self',
    personal: false,
    handle({ cloud, who, params, changed }) {
      changed(tokenShape(revokeToken(cloud.registry, { userId: who.id }, params.tokenId)), null);
      return {};
    },
  }),
  /** Of this machine's operator: the one that the first start printed among them. */
  route({
    method: 'GET',
    path: '/api/airherd/v1/apitokens',
    may: 'operate',
    personal: false,
    handle: ({ cloud }) => operatorTokens(cloud.registry).map(tokenShape),
  }),
  route({
    method: 'DELETE',
    path: '/api/airherd/v1/apitokens/:tokenId',
    may: 'operate',
    personal: false,
    handle({ cloud, params, changed }) {
      const token = operatorTokens(cloud.registry).find(({ id }) => id === params.tokenId);
      if (!token) throw notFound('token');
      cloud.registry.tokens.revoke(token.id);
      changed(tokenShape(token), null);
      return {};
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/orgs/:orgId/apitokens',
    may: 'people.read',
    personal: false,
    handle: ({ cloud, org }) => cloud.registry.tokens.list({ orgId: org.id }).map(tokenShape),
  }),
  route({
    method: 'POST',
    path: '/api/v1/orgs/:orgId/apitokens',
    may: 'people.write',
    personal: false,
    body: orgTokenBody,
    handle({ cloud, org, who, body, nowMs, changed }) {
      const { key, token } = cloud.registry.tokens.create({
        name: body.name,
        orgId: org.id,
        userId: null,
        privileges: privilegesIn(cloud.registry, org.id, body.privileges),
        networks: body.src_ips,
        createdBy: who.id,
        expiresMs: expiry(body.expire_time, nowMs),
      });
      changed(null, tokenShape(token));
      return { ...tokenShape(token), key };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/orgs/:orgId/apitokens/:tokenId',
    may: 'people.write',
    personal: false,
    handle({ cloud, org, params, changed }) {
      changed(tokenShape(revokeToken(cloud.registry, { orgId: org.id }, params.tokenId)), null);
      return {};
    },
  }),
];
