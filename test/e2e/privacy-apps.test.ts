/** Where somebody is by an app on their phone: off until the organisation turns it on and the person opts in. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { callApi, type TestCloud, testCloud } from '../support/cloud.ts';
import type { Loose } from '../support/device-client.ts';
import { orgRole, siteRole, tokenFor } from '../support/identities.ts';

const ANNA = { userName: 'anna', email: 'Anna.Canary@example.org' };
const CONSENT = { textVersion: '2026-11', language: 'de' };
const POSITION = { xM: 12.5, yM: -3, floor: '2', accuracyM: 2 };
const DEFAULTS = ['device', 'wifi.connected', 'wired', 'lldp', 'pcap.headers'];
let keys = 0;
const newKey = () => (++keys).toString(16).padStart(64, '0');

let lab: TestCloud;
let app: string;
beforeAll(async () => {
  lab = await testCloud();
  app = tokenFor(lab, lab.orgId, [siteRole('app', lab.orgId, lab.siteId)]);
});
afterAll(() => lab.stop());
const classes = async (...more: string[]) => {
  const path = `/api/airherd/v1/orgs/${lab.orgId}/privacy`;
  const body = { privacyClasses: [...DEFAULTS, ...more] };
  expect((await lab.api(path, { method: 'PUT', body })).status).toBe(200);
};
beforeEach(() => classes('app.location'));

const of = (what: string, siteId = lab.siteId) => `/api/airherd/v1/sites/${siteId}/${what}`;
const post = (what: string, body: object, siteId?: string) =>
  callApi(lab.cloud, app, of(what, siteId), { method: 'POST', body });
const optIn = (key: string, person: object = {}) => post('app-opt-ins', { key, ...CONSENT, ...person });
const report = (key: string, position: object = POSITION) => post('app-locations', { key, ...position });
const withdraw = (key: string) => post('app-opt-ins/withdraw', { key });
const places = async (): Promise<Loose[]> => (await lab.api(of('app-locations'))).json;
const subjects = (what: string, body: object) =>
  lab.api(`/api/airherd/v1/orgs/${lab.orgId}/subjects/${what}`, { method: 'POST', body });
const anna = { kind: 'email', value: ANNA.email };

test('by default nothing of an app is taken, not even its opt-in', async () => {
  await classes();
  const key = newKey();
  for (const answer of [await optIn(key), await report(key)]) {
    expect([answer.status, answer.json.detail]).toEqual([403, 'class app.location is off']);
  }
  await classes('app.location');
  expect((await report(key)).status).toBe(403);
  expect(await places()).toEqual([]);
});

test('without an opt-in, or with that of another installation or site, no position is taken', async () => {
  const key = newKey();
  expect((await report(key)).json.detail).toBe('nobody opted in with this key');
  expect((await optIn(key)).status).toBe(200);
  expect((await report(newKey())).status).toBe(403);
  const { id } = lab.cloud.registry.organisations.ensureSite(lab.orgId, 'Next site');
  const everywhere = tokenFor(lab, lab.orgId, [orgRole('app', lab.orgId)]);
  const body = { key, ...POSITION };
  const there = await callApi(lab.cloud, everywhere, of('app-locations', id), { method: 'POST', body });
  expect(there.status).toBe(403);
  expect((await post('app-locations', body, id)).status).toBe(404);
  expect(await places()).toEqual([]);
  expect((await withdraw(key)).status).toBe(200);
});

test('opted in, the newest position is kept, with the consent; withdrawn, nothing is left, and nothing is taken', async () => {
  const key = newKey();
  const beforeMs = Date.now();
  const opted = await optIn(key, ANNA);
  expect(opted.json).toEqual({ id: expect.any(String), consent: { ...CONSENT, atMs: expect.any(Number) } });
  expect(opted.json.consent.atMs).toBeGreaterThanOrEqual(beforeMs);
  expect((await report(key, { ...POSITION, xM: 1 })).status).toBe(200);
  expect((await report(key)).status).toBe(200);
  const { consent, id } = opted.json;
  expect(await places()).toEqual([{ id, ...ANNA, consent, ...POSITION, seenMs: expect.any(Number) }]);
  expect(id).not.toContain(key.slice(0, 16));

  expect((await withdraw(key)).status).toBe(200);
  expect(await places()).toEqual([]);
  expect((await report(key)).status).toBe(403);
  expect((await withdraw(key)).status).toBe(404);
  expect((await subjects('export', { subject: anna })).json.items).toEqual([]);
  const log = (await lab.api(`/api/airherd/v1/orgs/${lab.orgId}/audit`)).json as Loose[];
  const done = log.filter(({ action, outcome }) => /app-/.test(action) && outcome === 'done');
  expect(done.filter(({ action }) => /^POST.*withdraw/.test(action))[0].detail.before).toEqual({
    id,
    consent,
  });
  expect(log.some(({ detail }) => JSON.stringify(detail)?.includes(key))).toBe(false);
});

test('switched off, what is left is not shown, and it can be withdrawn', async () => {
  const key = newKey();
  await optIn(key);
  await report(key);
  await classes();
  expect(await places()).toEqual([]);
  expect((await report(key)).status).toBe(403);
  expect((await withdraw(key)).status).toBe(200);
  await classes('app.location');
  expect(await places()).toEqual([]);
});

test('an erasure takes opt-in and place; the app must ask again', async () => {
  const [key, other] = [newKey(), newKey()];
  await optIn(key, ANNA);
  await optIn(other, { userName: 'ben' });
  await report(key);
  await report(other);
  const { items } = (await subjects('export', { subject: anna })).json;
  expect(items.map((item: Loose) => item.what).sort()).toEqual(['app-opt-in', 'app-place']);
  const { status, json } = await subjects('erase', { subject: anna });
  expect([status, json.store.recordsRemoved]).toEqual([200, 2]);
  expect((await places()).map(({ userName }) => userName)).toEqual(['ben']);
  expect((await report(key)).status).toBe(403);
  expect((await optIn(key, ANNA)).status).toBe(200);
  expect((await report(key)).status).toBe(200);
  await withdraw(key);
  await withdraw(other);
});

test('of a restricted person nothing is shown or taken until that ends', async () => {
  const key = newKey();
  await optIn(key, ANNA);
  await report(key);
  await subjects('restrict', { subject: anna, restricted: true });
  expect(await places()).toEqual([]);
  expect((await report(key)).status).toBe(403);
  expect((await optIn(newKey(), ANNA)).status).toBe(403);
  await subjects('restrict', { subject: anna, restricted: false });
  expect(await places()).toHaveLength(1);
  await withdraw(key);
});

test('an app’s token sees nothing', async () => {
  for (const what of ['app-locations', 'clients', 'ble', 'places']) {
    expect((await callApi(lab.cloud, app, of(what))).status).toBe(403);
  }
});

test.each([
  ['a short key', { key: 'c0ffee', ...POSITION }],
  ['a position on Earth', { key: '0'.repeat(64), latitude: 52.5, longitude: 13.4, accuracyM: 5 }],
  ['a place off every map', { key: '0'.repeat(64), ...POSITION, xM: 1e9 }],
  ['a negative accuracy', { key: '0'.repeat(64), ...POSITION, accuracyM: -1 }],
])('%s is refused', async (_, body) => {
  expect((await post('app-locations', body)).status).toBe(400);
});
