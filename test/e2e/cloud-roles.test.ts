import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Route } from '../../cloud-stub/api/route.ts';
import { ROUTES } from '../../cloud-stub/api/table.ts';
import { LISTENERS } from '../../cloud-stub/listeners.ts';
import { PERMISSIONS, ROLE_PERMISSIONS, ROLES } from '../../cloud-stub/people/roles.ts';
import { apiApp } from '../support/api-app.ts';
import { callApi, type TestCloud, testCloud } from '../support/cloud.ts';
import { orgRole, ownToken, person, siteRole, tokenFor } from '../support/identities.ts';

const page = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| ') && line.includes('`'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );

/** What the documentation promises: permission → roles. The code's own table is not asked. */
const documented = new Map(
  rowsOf(page('privacy.md'))
    .filter((row) => row.length === 9)
    .map(([permission, , ...cells]) => [
      permission,
      [...ROLES, 'support'].filter((_, i) => cells[i] === 'yes'),
    ]),
);

interface Place {
  orgId: string;
  siteId: string;
  serial: string;
}

let lab: TestCloud;
let app: FastifyInstance;
let here: Place;
/** Another site of the same organisation, and another organisation. */
let next: Place;
let elsewhere: Place;

beforeAll(async () => {
  lab = await testCloud();
  // Only the guard is tried: a handler that ran says so, and does nothing.
  app = await apiApp(
    lab,
    ROUTES.map((route) => ({
      ...route,
      ownAudit: true,
      personal: false,
      parse: () => ({ query: {}, body: {} }),
      run: () => ({ ran: true }),
    })),
  );
  const { registry } = lab.cloud;
  const devices = await lab.devices(3, { claim: false });
  const other = registry.organisations.ensure('Other organisation');
  const place = (orgId: string, site: string, i: number): Place => {
    const { id: siteId } = registry.organisations.ensureSite(orgId, site);
    const { serial } = registry.claim({ serial: devices[i].serial, orgId, siteId });
    return { orgId, siteId, serial };
  };
  here = place(lab.orgId, 'Test site', 0);
  next = place(lab.orgId, 'Next site', 1);
  elsewhere = place(other.id, 'Their site', 2);
});
afterAll(async () => {
  await app.close();
  await lab.stop();
});

const pathOf = ({ path }: Route, { orgId, siteId, serial }: Place): string =>
  path
    .replace(':orgId', orgId)
    .replace(':siteId', siteId)
    .replace(':serial', serial)
    .replace(/:(tokenId|adminId|deviceId|captureId)/, 'c0ffee')
    .replace(/:\w+/g, 'c0ffee');

async function statusOf(route: Route, place: Place, token: string | null): Promise<number> {
  const { statusCode, body } = await app.inject({
    method: route.method,
    url: pathOf(route, place),
    headers: token === null ? {} : { authorization: `Token ${token}` },
  });
  if (statusCode === 200) expect(JSON.parse(body)).toEqual({ ran: true });
  return statusCode;
}

const named = ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const);
const scoped = named.filter(([, { path }]) => /:(orgId|siteId|serial)/.test(path));

describe('documentation', () => {
  test('docs/api.md has every route with its permission, and no other', () => {
    const rows = rowsOf(page('api.md'))
      .filter((row) => row.length === 5)
      .map(([method, path, may, personal]) => `${method} ${path} ${may} ${personal === 'yes'}`);
    const table = ROUTES.map(({ method, path, may, personal }) => `${method} ${path} ${may} ${personal}`);
    expect(rows.sort()).toEqual(table.sort());
  });

  test('docs/cloud.md has every listener with its port, certificate and clients, and no other', () => {
    const rows = page('cloud.md')
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter((cells) => cells.length === 7 && /^\d+$/.test(cells[2]));
    expect(rows.map(([, name, port, , key, who]) => `${name} ${port} ${key} ${who}`)).toEqual(
      Object.entries(LISTENERS).map(([name, { defaultPort, key, who, versions }]) => {
        const { length } = versions as readonly string[];
        return `${name} ${defaultPort} ${length > 0 ? key : ''} ${who}`;
      }),
    );
    const ports = Object.values(LISTENERS).map(({ defaultPort }) => defaultPort);
    expect(new Set(ports).size).toBe(ports.length);
  });

  test('docs/privacy.md has every permission', () => {
    expect([...documented.keys()].sort()).toEqual(
      PERMISSIONS.filter((permission) => permission !== 'anyone' && permission !== 'self').sort(),
    );
  });
});

describe('role × route', () => {
  const roles = [...ROLES, 'support'] as const;
  test.each(named)('%s', async (_, route) => {
    for (const role of roles) {
      const token =
        role === 'support'
          ? ownToken(lab, await staff())
          : tokenFor(lab, here.orgId, [orgRole(role, here.orgId)]);
      const open = route.may === 'anyone' || route.may === 'self';
      const expected = open || documented.get(route.may)?.includes(role) ? 200 : 403;
      expect([role, await statusOf(route, here, token)]).toEqual([role, expected]);
    }
  });

  let known: Promise<Awaited<ReturnType<typeof person>>> | null = null;
  const staff = () => {
    known ??= person(lab, 'staff@vendor.example', [], 'support');
    return known;
  };

  test('the operator may do all', async () => {
    const token = lab.cloud.registry.tokens.issue('matrix');
    for (const [name, route] of named)
      expect([name, await statusOf(route, here, token)]).toEqual([name, 200]);
  });

  test('nobody may do anything but sign in', async () => {
    for (const [name, route] of named) {
      for (const token of [null, 'made-up', '']) {
        expect([name, await statusOf(route, here, token)]).toEqual([
          name,
          route.may === 'anyone' ? 200 : 401,
        ]);
      }
    }
  });

  test('whose role was taken away may do nothing from then on', async () => {
    const { registry } = lab.cloud;
    const user = await person(lab, 'gone@example.org', [orgRole('admin', here.orgId)]);
    const token = ownToken(lab, user);
    const route = ROUTES.find(({ path }) => path === '/api/v1/orgs/:orgId') as Route;
    expect(await statusOf(route, here, token)).toBe(200);
    registry.users.grant(user.id, here.orgId, []);
    expect(await statusOf(route, here, token)).toBe(404);
    registry.users.remove(user.id);
    expect(await statusOf(route, here, token)).toBe(401);
  });
});

describe('object-level authorisation', () => {
  test.each(scoped)('%s: of another organisation it is not there, for any role', async (_, route) => {
    for (const role of ROLES) {
      const token = tokenFor(lab, here.orgId, [orgRole(role, here.orgId)]);
      const answers = [await statusOf(route, elsewhere, token)];
      // One's own organisation in the path, another's device or site in it.
      if (/orgId.*:(serial|siteId)|siteId.*:serial/.test(route.path)) {
        answers.push(await statusOf(route, { ...elsewhere, orgId: here.orgId }, token));
      }
      expect([role, ...new Set(answers)]).toEqual([role, route.may === 'operate' ? 403 : 404]);
    }
  });

  test.each(scoped)('%s: a role at a site is none elsewhere', async (_, route) => {
    const token = tokenFor(lab, here.orgId, [siteRole('admin', here.orgId, here.siteId)]);
    const isOfSite = /:(siteId|serial)/.test(route.path);
    expect(await statusOf(route, here, token)).toBe(isOfSite ? 200 : 403);
    expect(await statusOf(route, next, token)).toBe(isOfSite ? 404 : 403);
    expect(await statusOf(route, elsewhere, token)).toBe(404);
  });

  test('the same over TLS, with the handlers that are served', async () => {
    const { cloud } = lab;
    const admin = tokenFor(lab, here.orgId, [orgRole('admin', here.orgId)]);
    const get = async (token: string, path: string) => (await callApi(cloud, token, path)).status;
    expect(await get(admin, `/api/v1/sites/${next.siteId}/stats/clients`)).toBe(200);
    expect(await get(admin, `/api/v1/sites/${elsewhere.siteId}/stats/clients`)).toBe(404);
    expect(await get(admin, `/api/airherd/v1/orgs/${elsewhere.orgId}/audit`)).toBe(404);
    expect(await get(admin, '/api/airherd/v1/status')).toBe(403);
    const installer = tokenFor(lab, here.orgId, [siteRole('installer', here.orgId, here.siteId)]);
    expect(await get(installer, `/api/v1/sites/${here.siteId}/stats`)).toBe(200);
    expect(await get(installer, `/api/v1/sites/${here.siteId}/stats/clients`)).toBe(403);
    const revoke = `/api/airherd/v1/devices/${elsewhere.serial}/revoke`;
    expect((await callApi(cloud, admin, revoke, { method: 'POST' })).status).toBe(404);
    expect(cloud.registry.find(elsewhere.serial)?.revokedMs).toBeNull();
  });

  test('a site or person of another organisation cannot be named in a body either', async () => {
    const { cloud } = lab;
    const admin = tokenFor(lab, here.orgId, [orgRole('admin', here.orgId)]);
    const foreign = [
      { scope: 'site', role: 'read', site_id: elsewhere.siteId },
      { scope: 'org', role: 'read', org_id: elsewhere.orgId },
      { scope: 'all', role: 'admin' },
      { scope: 'org', role: 'support' },
    ];
    for (const privilege of foreign) {
      const path = `/api/v1/orgs/${here.orgId}/apitokens`;
      const body = { name: 'x', privileges: [privilege] };
      expect((await callApi(cloud, admin, path, { method: 'POST', body })).status).toBe(400);
    }
    const theirs = await person(lab, 'theirs@example.org', [orgRole('read', elsewhere.orgId)]);
    const path = `/api/v1/orgs/${here.orgId}/admins/${theirs.id}`;
    expect((await callApi(cloud, admin, path, { method: 'DELETE' })).status).toBe(404);
    expect(cloud.registry.users.find(theirs.id)?.privileges).toHaveLength(1);
  });
});

describe('a route without a rule', () => {
  test('does not start', async () => {
    const [first] = ROUTES;
    await expect(apiApp(lab, [{ ...first, may: '' as Route['may'] }])).rejects.toThrow('has no rule');
  });

  test('nor does one that is not of the table', async () => {
    const bare = await apiApp(lab, []);
    await bare.close();
    // `ready` is over: what a plugin would add comes before.
    const early = apiApp(lab, [
      ...ROUTES,
      { ...ROUTES[0], path: '/api/v1/added', may: undefined as unknown as Route['may'] },
    ]);
    await expect(early).rejects.toThrow('has no rule');
  });

  test('and every role of the code is one of the documentation', () => {
    for (const [role, permissions] of Object.entries(ROLE_PERMISSIONS)) {
      for (const permission of permissions) {
        if (permission === 'anyone' || permission === 'self') continue;
        expect([permission, documented.get(permission)]).toEqual([
          permission,
          expect.arrayContaining([role]),
        ]);
      }
    }
  });
});
