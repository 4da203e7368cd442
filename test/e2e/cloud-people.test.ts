import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hotp, totpStep } from '../../cloud-stub/people/totp.ts';
import { callApi, type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient } from '../support/device-client.ts';
import { orgRole, ownToken, PASSWORD, person, tokenFor } from '../support/identities.ts';
import { rawApi } from '../support/raw-api.ts';

let lab: TestCloud;
beforeAll(async () => {
  lab = await testCloud();
});
afterAll(() => lab.stop());

interface SignedIn {
  cookies: string;
  csrf: string;
}

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  rawApi(lab.cloud, { method: 'POST', path, body: JSON.stringify(body), headers });

const login = (email: string, password = PASSWORD, two_factor?: string) =>
  post('/api/v1/login', { email, password, ...(two_factor && { two_factor }) });

async function signIn(email: string, code?: string): Promise<SignedIn> {
  const { status, headers } = await login(email, PASSWORD, code);
  expect(status).toBe(200);
  const set = [headers['set-cookie'] ?? []].flat().map((cookie) => cookie.split(';')[0]);
  return { cookies: set.join('; '), csrf: set[1].split('=')[1] };
}

const asBrowser = ({ cookies, csrf }: SignedIn) => ({ cookie: cookies, 'x-csrftoken': csrf });

describe('signing in', () => {
  test('gives cookies that no script and no other site sends; the session is the person', async () => {
    await person(lab, 'anna@example.org', [orgRole('read', lab.orgId)]);
    const { headers } = await login('ANNA@example.org ');
    const [session, csrf] = [headers['set-cookie'] ?? []].flat();
    expect(session).toMatch(/^sessionid=.{20,}; Path=\/; Secure; SameSite=Strict; Max-Age=\d+; HttpOnly$/);
    expect(csrf).toMatch(/^csrftoken=.{20,}; Path=\/; Secure; SameSite=Strict/);
    const browser = await signIn('anna@example.org');
    const self = await rawApi(lab.cloud, { path: '/api/v1/self', headers: { cookie: browser.cookies } });
    expect(self.json).toMatchObject({
      email: 'anna@example.org',
      privileges: [{ role: 'read', org_id: lab.orgId }],
    });
  });

  test('a change without the token of the session is refused: cross-site request forgery', async () => {
    await person(lab, 'carl@example.org', [orgRole('admin', lab.orgId)]);
    const browser = await signIn('carl@example.org');
    const forged = (headers: Record<string, string>) =>
      post(`/api/v1/orgs/${lab.orgId}/sites`, { name: 'Forged' }, headers);
    expect((await forged({ cookie: browser.cookies })).status).toBe(403);
    expect((await forged({ cookie: browser.cookies, 'x-csrftoken': 'x'.repeat(43) })).status).toBe(403);
    const other = await signIn('carl@example.org');
    expect((await forged({ cookie: browser.cookies, 'x-csrftoken': other.csrf })).status).toBe(403);
    expect((await forged({ ...asBrowser(browser), 'content-type': 'text/plain' })).status).toBe(415);
    expect(lab.cloud.registry.organisations.sites(lab.orgId).map(({ name }) => name)).not.toContain('Forged');
    expect((await forged(asBrowser(browser))).status).toBe(200);
  });

  test('signing out, another password and removal end the session', async () => {
    const user = await person(lab, 'dora@example.org', [orgRole('read', lab.orgId)]);
    const status = async ({ cookies }: SignedIn) =>
      (await rawApi(lab.cloud, { path: '/api/v1/self', headers: { cookie: cookies } })).status;
    const first = await signIn('dora@example.org');
    const second = await signIn('dora@example.org');
    expect((await post('/api/v1/logout', {}, asBrowser(first))).status).toBe(200);
    expect([await status(first), await status(second)]).toEqual([401, 200]);
    const path = '/api/airherd/v1/self/password';
    const change = { current: PASSWORD, password: 'another long one' };
    expect((await post(path, { ...change, current: 'wrong' }, asBrowser(second))).status).toBe(403);
    expect((await post(path, change, asBrowser(second))).status).toBe(200);
    expect(await status(second)).toBe(401);
    expect((await login('dora@example.org', 'another long one')).status).toBe(200);
    const token = ownToken(lab, user);
    expect((await callApi(lab.cloud, token, path, { method: 'POST', body: change })).status).toBe(403);
  });

  test('a session that was stolen guesses the password no faster than at the door', async () => {
    await person(lab, 'gina@example.org', [orgRole('read', lab.orgId)]);
    const browser = await signIn('gina@example.org');
    const answers: number[] = [];
    for (let i = 0; i < 6; i++) {
      const guess = { current: `guess ${i}`, password: 'another long one' };
      answers.push((await post('/api/airherd/v1/self/password', guess, asBrowser(browser))).status);
    }
    expect(answers).toEqual([403, 403, 403, 403, 403, 429]);
  });

  test('who does not exist gets the same answer for the same work, and is throttled the same way', async () => {
    await person(lab, 'emil@example.org', [orgRole('read', lab.orgId)]);
    const tries = async (email: string) => {
      const answers = [];
      for (let i = 0; i < 6; i++) answers.push(await login(email, `wrong ${i}`));
      return answers.map(({ status, body }) => [status, body.toString()]);
    };
    const known = await tries('emil@example.org');
    expect(known).toEqual(await tries('nobody@example.org'));
    expect(known.map(([status]) => status)).toEqual([401, 401, 401, 401, 401, 429]);
    const locked = await login('emil@example.org');
    expect(locked.status).toBe(429);
    expect(Number(locked.headers['retry-after'])).toBeGreaterThan(0);
    // Failures are in the cloud's own log.
    const { json } = await lab.api('/api/airherd/v1/audit');
    expect(json).toContainEqual(
      expect.objectContaining({
        action: 'sign-in',
        outcome: 'refused',
        detail: { email: 'nobody@example.org' },
      }),
    );
  });

  test('a second factor, once it is on, is asked for, and each code is good once', async () => {
    await person(lab, 'fred@example.org', [orgRole('read', lab.orgId)]);
    const browser = await signIn('fred@example.org');
    const path = '/api/airherd/v1/self/two-factor';
    const { json } = await post(path, {}, asBrowser(browser));
    expect(json.uri).toContain(`secret=${json.secret}`);
    const user = lab.cloud.registry.users.findByEmail('fred@example.org');
    const { secret } = lab.cloud.registry.users.twoFactor(user?.id ?? '') ?? { secret: Buffer.alloc(0) };
    const code = (ahead: number) => hotp(secret, totpStep(Date.now()) + ahead);
    expect((await post(`${path}/verify`, { code: '000000' }, asBrowser(browser))).status).toBe(400);
    expect((await post(`${path}/verify`, { code: code(-1) }, asBrowser(browser))).status).toBe(200);
    const half = await login('fred@example.org');
    expect(half.json).toMatchObject({ two_factor_required: true, two_factor_passed: false });
    expect(half.headers['set-cookie']).toBeUndefined();
    const used = code(0);
    await signIn('fred@example.org', used);
    expect((await login('fred@example.org', PASSWORD, used)).status).toBe(401);
  });
});

describe('administrators', () => {
  test('an organisation that has one keeps one; nobody takes their own roles away', async () => {
    const orgId = lab.cloud.registry.organisations.ensure('Of administrators').id;
    const [first, second] = [
      await person(lab, 'first@example.org', [orgRole('admin', orgId)]),
      await person(lab, 'second@example.org', [orgRole('admin', orgId)]),
    ];
    const as = (user: typeof first, method: string, id: string, body?: object) =>
      callApi(lab.cloud, ownToken(lab, user), `/api/v1/orgs/${orgId}/admins/${id}`, { method, body });
    expect((await as(first, 'DELETE', first.id)).status).toBe(409);
    const read = { privileges: [{ scope: 'org', role: 'read' }] };
    expect((await as(first, 'PUT', second.id, read)).status).toBe(200);
    const refusal = await as(first, 'PUT', first.id, read);
    expect([refusal.status, refusal.json.code]).toEqual([409, 'last-admin']);
    const operator = `/api/v1/orgs/${orgId}/admins/${first.id}`;
    expect((await lab.api(operator, { method: 'DELETE' })).json.code).toBe('last-admin');
    // A role at a site is none in the organisation.
    const site = lab.cloud.registry.organisations.ensureSite(orgId, 'Hall').id;
    const atSite = { privileges: [{ scope: 'site', role: 'admin', site_id: site }] };
    expect((await lab.api(operator, { method: 'PUT', body: atSite })).json.code).toBe('last-admin');
    expect(lab.cloud.registry.users.find(first.id)?.privileges).toEqual([orgRole('admin', orgId)]);
  });

  test('who goes is forgotten by every log, whose entries stay and are whole', async () => {
    const { registry, stores } = lab.cloud;
    const other = registry.organisations.ensure('Where they were too');
    const gone = await person(lab, 'gone@example.org', [orgRole('admin', lab.orgId)]);
    const token = ownToken(lab, gone);
    await callApi(lab.cloud, token, `/api/airherd/v1/sites/${lab.siteId}/clients`);
    await login('gone@example.org', 'not the password');
    await lab.api(`/api/v1/orgs/${other.id}/admins`, {
      method: 'POST',
      body: {
        email: 'gone@example.org',
        name: 'x',
        password: PASSWORD,
        privileges: [{ scope: 'org', role: 'read' }],
      },
    });
    const told = () =>
      [lab.orgId, other.id, '00000000-0000-0000-0000-000000000000'].map((id) =>
        JSON.stringify(stores.of(id).audit.list({ limit: 1000, offset: 0 })).includes('gone@example.org'),
      );
    expect(told()).toEqual([true, true, true]);
    const entries = stores.of(lab.orgId).audit.count({ actorId: gone.id });
    await lab.api(`/api/v1/orgs/${other.id}/admins/${gone.id}`, { method: 'DELETE' });
    // Another role is left: the account is there still.
    expect(told()).toEqual([true, true, true]);
    await lab.api(`/api/v1/orgs/${lab.orgId}/admins`, {
      method: 'POST',
      body: { email: 'stays@example.org', password: PASSWORD, privileges: [{ scope: 'org', role: 'admin' }] },
    });
    expect((await lab.api(`/api/v1/orgs/${lab.orgId}/admins/${gone.id}`, { method: 'DELETE' })).status).toBe(
      200,
    );
    expect(told()).toEqual([false, false, false]);
    expect(stores.of(lab.orgId).audit.count({ actorId: gone.id })).toBe(entries);
    for (const id of [lab.orgId, other.id]) expect(stores.of(id).audit.verify().ok).toBe(true);
    expect(registry.users.find(gone.id)).toBeNull();
  });
});

describe('tokens', () => {
  test('scoped, expiring, restricted to networks; the key is shown once', async () => {
    const path = `/api/v1/orgs/${lab.orgId}/apitokens`;
    const make = (fields: object) =>
      lab.api(path, {
        method: 'POST',
        body: { name: 't', privileges: [{ scope: 'org', role: 'read' }], ...fields },
      });
    const self = async (key: string) => (await callApi(lab.cloud, key, '/api/v1/self')).status;
    const here = (await make({ src_ips: ['127.0.0.0/8'] })).json;
    const away = (await make({ src_ips: ['192.0.2.0/24'] })).json;
    expect([await self(here.key), await self(away.key)]).toEqual([200, 401]);
    expect((await make({ expire_time: 1 })).status).toBe(400);
    expect((await make({ src_ips: ['everywhere'] })).status).toBe(400);
    expect((await lab.api(path)).body.toString()).not.toContain(here.key);
    await lab.api(`${path}/${here.id}`, { method: 'DELETE' });
    expect(await self(here.key)).toBe(401);
  });
});

describe('support access', () => {
  test('is on at first, off or on until a time by the customer, and each use is in the customer’s log', async () => {
    const staff = ownToken(lab, await person(lab, 'staff@vendor.example', [], 'support'));
    const look = async (path = `/api/v1/sites/${lab.siteId}/stats/clients`) =>
      (await callApi(lab.cloud, staff, path)).status;
    const path = `/api/airherd/v1/orgs/${lab.orgId}/support`;
    const turn = (body: object) => lab.api(path, { method: 'PUT', body });
    expect((await lab.api(path)).json).toEqual({ allow: true, until: null, open: true });
    expect(await look()).toBe(200);
    expect(await look(`/api/airherd/v1/orgs/${lab.orgId}/messages`)).toBe(403);
    await turn({ allow: false });
    expect(await look()).toBe(404);
    const seen: { org_id: string }[] = (await callApi(lab.cloud, staff, '/api/v1/self')).json.privileges;
    expect(seen.map(({ org_id }) => org_id)).not.toContain(lab.orgId);
    expect((await lab.api(`/api/v1/orgs/${lab.orgId}`)).json.allow_mist).toBe(false);
    await turn({ allow: true, until: Date.now() / 1000 + 600 });
    expect(await look(`/api/v1/orgs/${lab.orgId}`)).toBe(200);
    lab.cloud.registry.organisations.setSupport(lab.orgId, true, Date.now() - 1);
    expect(await look()).toBe(404);
    const uses = (await lab.api(`/api/airherd/v1/orgs/${lab.orgId}/audit?limit=1000`)).json.filter(
      ({ actor }: { actor: { name: string } | null }) => actor?.name === 'staff@vendor.example',
    );
    expect(uses.map(({ action }: { action: string }) => action)).toEqual([
      'GET /api/v1/orgs/:orgId',
      'GET /api/v1/sites/:siteId/stats/clients',
    ]);
    await turn({ allow: true });
  });
});

describe('audit', () => {
  test('every change and every access to personal data: who, what, from where, before and after', async () => {
    const admin = tokenFor(lab, lab.orgId, [orgRole('admin', lab.orgId)]);
    const put = { method: 'PUT', body: { name: 'Hall 7', id: 'ignored', org_id: 'ignored' } };
    await callApi(lab.cloud, admin, `/api/v1/sites/${lab.siteId}`, put);
    await callApi(lab.cloud, admin, `/api/airherd/v1/sites/${lab.siteId}/clients?mac=02aabbccddee`);
    const { json } = await callApi(lab.cloud, admin, `/api/v1/orgs/${lab.orgId}/logs?limit=3`);
    expect(json.results[2]).toMatchObject({
      message: 'PUT /api/v1/sites/:siteId',
      src_ip: '127.0.0.1',
      site_id: lab.siteId,
      before: { name: 'Test site' },
      after: { name: 'Hall 7' },
    });
    const [, access] = lab.cloud.stores.of(lab.orgId).audit.list({ limit: 2, offset: 0 });
    expect(access).toMatchObject({
      action: 'GET /api/airherd/v1/sites/:siteId/clients',
      detail: { mac: '02aabbccddee' },
    });
    expect((await lab.api(`/api/airherd/v1/orgs/${lab.orgId}/audit/verify`)).json).toMatchObject({
      ok: true,
    });
    await lab.api(`/api/v1/sites/${lab.siteId}`, { method: 'PUT', body: { name: 'Test site' } });
  });
});

describe('device roles', () => {
  test('a device gets only what its role allows, and learns of a change at once', async () => {
    const [identity] = await lab.devices(1);
    const device = await DeviceClient.login({ port: lab.cloud.devicePort, identity });
    const path = `/api/airherd/v1/devices/${identity.serial}/role`;
    expect((await lab.api(path)).json.role).toBe('full');
    await lab.api(path, { method: 'PUT', body: { role: 'health' } });
    const { decode } = await import('cborg');
    expect(decode(await device.down('config'))).toMatchObject({ privacyClasses: ['device'] });
    expect((await lab.api(path, { method: 'PUT', body: { role: 'root' } })).status).toBe(400);
    device.end();
  });
});
