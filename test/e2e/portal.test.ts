import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { nodeClock } from '../../platform/node/clock.ts';
import { openedStores, rawFiles } from '../support/at-rest.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient, type Loose } from '../support/device-client.ts';
import { GuestPhone, type PhoneAnswer } from '../support/guest-phone.ts';

const MAC = '3c0754c0ffee';
const TEXTS = {
  en: {
    title: 'Welcome to Café Canary',
    notice: 'We keep <your> name & device.\n\nFor 60 days.',
    terms: 'Be kind.',
  },
  de: { title: 'Willkommen', notice: 'Wir speichern Namen und Gerät.', terms: '' },
};
const SETTINGS = {
  enabled: true,
  network: 'Café Canary',
  texts: TEXTS,
  defaultLanguage: 'en',
  fields: [
    { name: 'name', required: true },
    { name: 'email', required: true },
    { name: 'field1', label: 'Table <no>', required: false },
  ],
  sessionMinutes: 30,
  sessionsPerDay: 2,
  guestsAtOnce: 0,
  canExtend: true,
  venuePage: 'https://example.org/café',
  accent: '#7a1f5c',
};
const ANNA = { name: 'Anna Canary', email: 'anna.canary@example.org' };

let dir: string;
let lab: TestCloud;
let nowMs: number;
/** One site, one phone and one address a test. */
let site: { id: string; address: string };
let count = 0;
let phone: GuestPhone;
let path: string;
const gate = (probe: string) => `http://${probe}`;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'airherd-portal-'));
  nowMs = Date.now();
  // Timers are real; what o'clock it is, the test says.
  const clock = { ...nodeClock, wallMs: () => nowMs };
  lab = await testCloud({ dir, portal: { port: 0, gatePort: 0 }, clock });
});
afterAll(async () => {
  await lab.stop();
  rmSync(dir, { recursive: true, force: true });
});
beforeEach(async () => {
  count++;
  const { id } = lab.cloud.registry.organisations.ensureSite(lab.orgId, `Site ${count}`);
  site = { id, address: `127.0.0.${count + 10}` };
  path = `/api/airherd/v1/sites/${site.id}/portal`;
  phone = phoneAt(site.address);
  await put(SETTINGS);
});
afterEach(() => put({ ...SETTINGS, enabled: false }));

const phoneAt = (address: string) =>
  new GuestPhone(address, lab.cloud.portal?.gatePort ?? 0, lab.cloud.trustPem);
const put = async (body: object) => {
  const answer = await lab.api(path, { method: 'PUT', body });
  expect(answer.status, answer.body.toString()).toBe(200);
  return answer.json;
};
const guests = async () => (await lab.api(`/api/v1/sites/${site.id}/guests`)).json as Loose[];
const captive = async () => {
  const answer = await phone.ask(`${lab.cloud.portal?.url}/captive/${site.id}`, {
    headers: { accept: 'application/captive+json' },
  });
  return { ...answer, json: JSON.parse(answer.body) };
};
/** An access point reports who has the address. */
async function seen(mac = MAC): Promise<DeviceClient> {
  const { address } = site;
  const [identity] = await lab.devices(1, { claim: false });
  lab.cloud.registry.claim({ serial: identity.serial, orgId: lab.orgId, siteId: site.id });
  const device = await DeviceClient.login({ port: lab.cloud.devicePort, identity });
  const client = {
    mac: Buffer.from(mac, 'hex'),
    randomized: false,
    state: 'associated',
    ip4: [address],
    lastSeenMs: 1,
  };
  await device.acked('clients', device.publish('clients', { class: 'wifi.connected', clients: [client] }));
  return device;
}
const welcome = () => phone.go(gate('captive.apple.com/hotspot-detect.html'));
const accepted = async (fields: Record<string, string> = ANNA): Promise<PhoneAnswer> =>
  phone.submit(await welcome(), 'accept', fields);

describe('the questions of phones', () => {
  test.each([
    [
      'captive.apple.com/hotspot-detect.html',
      200,
      '<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>',
    ],
    ['connectivitycheck.gstatic.com/generate_204', 204, ''],
    ['www.msftconnecttest.com/connecttest.txt', 200, 'Microsoft Connect Test'],
    ['detectportal.firefox.com/success.txt', 200, 'success\n'],
  ])('%s: a redirect without access, the answer of the Internet with it', async (probe, status, body) => {
    const before = await phone.ask(gate(probe));
    expect([before.status, before.headers.location]).toEqual([
      302,
      `${lab.cloud.portal?.url}/guest/${site.id}`,
    ]);
    await accepted();
    const after = await phone.ask(gate(probe));
    expect([after.status, after.body]).toEqual([status, body]);
  });

  test('RFC 8908: captive, where to go, what the place is; then how long', async () => {
    const before = await captive();
    expect(before.headers['content-type']).toBe('application/captive+json');
    expect(before.headers['cache-control']).toContain('private');
    expect(before.json).toEqual({
      captive: true,
      'user-portal-url': `${lab.cloud.portal?.url}/guest/${site.id}`,
      'venue-info-url': SETTINGS.venuePage,
      'can-extend-session': true,
    });
    await accepted();
    nowMs += 60_000;
    expect((await captive()).json).toMatchObject({ captive: false, 'seconds-remaining': 29 * 60 });
  });
});

describe('a guest', () => {
  test('says yes: the consent is kept with version, language and time, and what was asked for, no more', async () => {
    const device = await seen();
    const page = await welcome();
    expect(page.body).toContain('<html lang="en">');
    phone.language = 'de-AT,de;q=0.9,en;q=0.5';
    const german = await phone.go(page.url);
    expect(german.body).toContain('<html lang="de">');
    const done = await phone.submit(german, 'accept', { ...ANNA, phone: '0123', nonsense: 'x' });
    expect([done.status, done.body.includes('Sie sind verbunden')]).toEqual([200, true]);
    const [guest] = await guests();
    expect(guest).toMatchObject({
      mac: MAC,
      ip: site.address,
      ...ANNA,
      authorized: true,
      minutes: 30,
      ssid: 'Café Canary',
    });
    expect(guest).not.toHaveProperty('phone');
    expect(guest.consent).toEqual({
      text_version: 1,
      text_sha256: createHash('sha256')
        .update(JSON.stringify(Object.values(TEXTS.de)))
        .digest('hex'),
      language: 'de',
      time: Math.floor(nowMs / 1000),
    });
    device.end();
  });

  test('says no: no access, and nothing is kept', async () => {
    const page = await welcome();
    const said = await phone.ask(new URL(`/guest/${site.id}/decline`, page.url).href, {
      form: {
        token: /name="token" value="([^"]+)"/.exec(page.body)?.[1] ?? '',
        lang: 'en',
        ...ANNA,
        email: 'declined.canary@example.org',
      },
    });
    expect(said.body).toContain('You declined');
    expect(await guests()).toEqual([]);
    expect((await captive()).json.captive).toBe(true);
    expect((await phone.ask(gate('x.test/generate_204'))).status).toBe(302);
    expect(openedStores(lab.cloud).includes('declined.canary')).toBe(false);
  });

  test('who leaves something out is told what, and keeps what was filled in', async () => {
    const bad = await phone.submit(await welcome(), 'accept', {
      name: 'A"><script>1</script>',
      email: 'nobody',
    });
    expect(bad.status).toBe(422);
    expect(bad.body).toContain('E-mail address is not an e-mail address');
    expect(bad.body).toContain('value="A&quot;&gt;&lt;script&gt;1&lt;/script&gt;"');
    expect(bad.body).toMatch(/id="email"[^>]*aria-invalid="true" aria-describedby="why-email"/);
    expect(bad.body).not.toContain('<script');
    expect(await guests()).toEqual([]);
  });

  test('a form that this browser was not given is not taken', async () => {
    await welcome();
    const forged = { token: 'A'.repeat(43), lang: 'en', ...ANNA };
    for (const action of ['accept', 'erase', 'extend', 'sign-out', 'decline']) {
      const { status } = await phone.ask(`${lab.cloud.portal?.url}/guest/${site.id}/${action}`, {
        form: forged,
      });
      expect([action, status]).toEqual([action, 403]);
    }
    expect(await guests()).toEqual([]);
  });

  test('has access for so long, may stay longer, and comes no more often than allowed', async () => {
    const status = await accepted();
    nowMs += 20 * 60_000;
    const longer = await phone.submit(status, 'extend');
    expect(longer.body).toContain('You are connected');
    expect((await captive()).json['seconds-remaining']).toBe(30 * 60);
    nowMs += 30 * 60_000;
    expect((await captive()).json.captive).toBe(true);
    const third = await accepted();
    expect([third.status, third.body.includes('all its sessions for today')]).toEqual([403, true]);
    nowMs += 24 * 3_600_000;
    expect((await accepted()).status).toBe(200);
  });

  test('there are no more guests at once than allowed', async () => {
    await put({ ...SETTINGS, guestsAtOnce: 1, sessionsPerDay: 0 });
    await accepted();
    const other = phoneAt('127.0.1.1');
    const refused = await other.submit(await other.go(gate('x.test/')), 'accept', ANNA);
    expect([refused.status, refused.body.includes('as many guests as it takes')]).toEqual([403, true]);
  });

  test('disconnects', async () => {
    await phone.submit(await accepted(), 'sign-out');
    expect((await captive()).json.captive).toBe(true);
    expect(await guests()).toMatchObject([{ ...ANNA, authorized: false }]);
  });

  test('has all deleted, alone: access ends, and no file holds it', async () => {
    const mac = '3c0754bada55';
    const berta = { name: 'Berta Beispiel', email: 'berta.canary@example.org' };
    const device = await seen(mac);
    const status = await accepted(berta);
    const held = openedStores(lab.cloud);
    for (const secret of [berta.email, berta.name]) expect(held.includes(secret)).toBe(true);
    expect(held.includes(Buffer.from(mac, 'hex'))).toBe(true);
    device.end();
    await device.closed;
    const done = await phone.submit(status, 'erase');
    expect(done.body).toContain('Deleted');
    expect((await captive()).json.captive).toBe(true);
    expect(await guests()).toEqual([]);
    const after = Buffer.concat([openedStores(lab.cloud), ...rawFiles(dir).values()]);
    for (const secret of [Buffer.from(berta.email), Buffer.from(berta.name), Buffer.from(mac, 'hex')]) {
      expect(after.includes(secret)).toBe(false);
    }
  });

  test('is found by e-mail address like every data subject, and erased', async () => {
    const carla = { name: 'Carla', email: 'carla.canary@example.org' };
    await accepted(carla);
    const subject = { kind: 'email', value: carla.email };
    const ask = (what: string) =>
      lab.api(`/api/airherd/v1/orgs/${lab.orgId}/subjects/${what}`, { method: 'POST', body: { subject } });
    const copy = (await ask('export')).json;
    expect(copy.items).toMatchObject([
      {
        held: 'record',
        what: 'guest',
        source: { serial: 'portal', site: `Site ${count}` },
        data: { email: carla.email },
      },
    ]);
    expect((await ask('erase')).json.store.recordsRemoved).toBe(1);
    expect((await captive()).json.captive).toBe(true);
  });

  test('is removed by the customer', async () => {
    const device = await seen();
    await accepted();
    const remove = () => lab.api(`/api/v1/sites/${site.id}/guests/${MAC}`, { method: 'DELETE' });
    expect((await remove()).status).toBe(200);
    expect((await remove()).status).toBe(404);
    expect((await captive()).json.captive).toBe(true);
    device.end();
  });
});

describe('the page', () => {
  test('escapes all that others wrote, lets nothing run, and sends nothing elsewhere', async () => {
    const { headers, body } = await welcome();
    expect(body).toContain('We keep &lt;your&gt; name &amp; device.');
    expect(body).toContain('Table &lt;no&gt;');
    expect(body).not.toMatch(/<script|style="|javascript:|onclick/i);
    expect(headers['content-security-policy']).toBe(
      "default-src 'none';style-src 'self';form-action 'self';frame-ancestors 'none';base-uri 'none'",
    );
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['set-cookie']?.[0]).toMatch(
      /^__Host-guest=[\w-]{22}; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
    );
  });

  test('another text is another version; the old words stay', async () => {
    await accepted();
    const { version } = await put({
      ...SETTINGS,
      texts: { en: { ...TEXTS.en, notice: 'Now also your phone.' } },
    });
    expect(version).toBe(2);
    // A colour is nothing that anybody agreed to.
    expect(
      (
        await put({
          ...SETTINGS,
          accent: '#000000',
          texts: { en: { ...TEXTS.en, notice: 'Now also your phone.' } },
        })
      ).version,
    ).toBe(2);
    const { json } = await lab.api(`${path}/texts`);
    expect(json.map(({ version: one, shown }: Loose) => [one, shown.texts.en.notice])).toEqual([
      [1, TEXTS.en.notice],
      [2, 'Now also your phone.'],
    ]);
  });

  test('a portal that is off is not there', async () => {
    await put({ ...SETTINGS, enabled: false });
    expect((await phone.ask(`${lab.cloud.portal?.url}/guest/${site.id}`)).status).toBe(404);
    expect((await phone.ask(`${lab.cloud.portal?.url}/captive/${site.id}`)).status).toBe(404);
    expect((await phone.ask(gate('x.test/generate_204'))).status).toBe(404);
  });

  test.each([
    [{ ...SETTINGS, accent: 'red;} *{display:none' }],
    [{ ...SETTINGS, defaultLanguage: 'fr' }],
    [{ ...SETTINGS, venuePage: 'javascript:alert(1)' }],
    [{ ...SETTINGS, fields: [{ name: 'field1', required: true }] }],
    [{ ...SETTINGS, fields: [{ name: 'token', required: true }] }],
    [{ ...SETTINGS, everything: true }],
  ])('settings that make no page are refused: %#', async (body) => {
    expect((await lab.api(path, { method: 'PUT', body })).status).toBe(400);
    expect((await lab.api(path)).json.version).toBe(1);
  });
});
