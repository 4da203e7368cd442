/**
 * Cross-site scripting: whatever a device, a client or an administrator can name, in every page that the cloud or a
 * device serves, read by a real browser. Pages are opened from a file, so that escaping is tried without the policy
 * that forbids script as well.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { statusHtml } from '../../cli/commands/agent/status.ts';
import { ROUTES } from '../../cloud-stub/api/table.ts';
import { apiApp } from '../support/api-app.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient, helloFields } from '../support/device-client.ts';
import { orgRole, person } from '../support/identities.ts';

const run = promisify(execFile);
const PAYLOAD = `x"'><svg onload="document.title='pwned'"><script>document.title='pwned'</script><!--`;
const MAC = Buffer.from('3c0754c0ffee', 'hex');
/** What a browser never takes for a page, as long as it may not guess (`nosniff`). */
const INERT = /^(application\/json|application\/x-ndjson|application\/x-pcapng|text\/csv|text\/plain)\b/;

let lab: TestCloud;
let app: FastifyInstance;
let folder: string;
let serial: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'airherd-xss-'));
  lab = await testCloud();
  const { organisations } = lab.cloud.registry;
  organisations.rename(lab.orgId, PAYLOAD);
  organisations.renameSite(lab.siteId, PAYLOAD);
  const [identity] = await lab.devices(1);
  serial = identity.serial;
  const device = await DeviceClient.login({ port: lab.cloud.devicePort, identity });
  await device.acked(
    'hello',
    device.publish('hello', { ...helloFields(identity), firmware: PAYLOAD.slice(0, 32) }),
  );
  const named = {
    hostName: PAYLOAD,
    userName: PAYLOAD,
    userAgent: PAYLOAD,
    manufacturer: PAYLOAD,
    family: PAYLOAD,
    os: PAYLOAD,
  };
  const host = { mac: MAC, randomized: false, ...named, lastSeenMs: 1 };
  const clients = [{ ...host, state: 'associated', ssid: PAYLOAD }];
  await device.acked('clients', device.publish('clients', { class: 'wifi.connected', clients }));
  await device.acked(
    'wired',
    device.publish('wired', { class: 'wired', hosts: [{ ...host, port: PAYLOAD }] }),
  );
  const neighbour = {
    ...{
      port: PAYLOAD,
      sourceMac: MAC,
      chassisIdSubtype: 7,
      chassisId: PAYLOAD,
      portIdSubtype: 7,
      portId: PAYLOAD,
      ttlS: 120,
    },
    ...{ portDescription: PAYLOAD, systemName: PAYLOAD, systemDescription: PAYLOAD, lastSeenMs: 1 },
  };
  await device.acked('lldp', device.publish('lldp', { class: 'lldp', neighbours: [neighbour] }));
  device.end();
  await person(lab, 'admin@example.org', [orgRole('admin', lab.orgId)]);
  app = await apiApp(lab, ROUTES);
});
afterAll(async () => {
  await app.close();
  await lab.stop();
  rmSync(folder, { recursive: true, force: true });
});

let pages = 0;
/** What a browser makes of the page, once its scripts have run. */
async function inBrowser(html: string): Promise<string> {
  const file = join(folder, `${pages++}.html`);
  writeFileSync(file, html);
  const shared = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    `--user-data-dir=${join(folder, 'profile')}`,
  ];
  const { stdout } = await run('chromium', [...shared, '--dump-dom', `file://${file}`]);
  return stdout;
}

const titleOf = (dom: string): string | undefined => /<title>([\s\S]*?)<\/title>/.exec(dom)?.[1];

test('the control: a page that does not escape runs the script', async () => {
  expect(titleOf(await inBrowser(`<!doctype html><title>fine</title><p>${PAYLOAD}</p>`))).toBe('pwned');
  expect(titleOf(await inBrowser(`<!doctype html><title>fine</title><p title="${PAYLOAD}">x</p>`))).toBe(
    'pwned',
  );
});

test('every answer of the API: pages run no script of what others named, all else is no page', async () => {
  const authorization = `Token ${lab.cloud.registry.tokens.issue('xss')}`;
  const html: [string, string][] = [];
  let told = 0;
  const look = async (name: string, method: 'GET' | 'POST', url: string, payload?: object) => {
    const { headers, body } = await app.inject({ method, url, headers: { authorization }, payload });
    const type = String(headers['content-type']);
    expect([name, headers['x-content-type-options']]).toEqual([name, 'nosniff']);
    if (body.includes('<svg')) told++;
    if (type.startsWith('text/html')) html.push([name, body]);
    else expect([name, type]).toEqual([name, expect.stringMatching(INERT)]);
  };
  for (const { method, path } of ROUTES) {
    if (method !== 'GET' || path.endsWith('live.pcapng')) continue;
    const url = path.replace(':orgId', lab.orgId).replace(':siteId', lab.siteId).replace(':serial', serial);
    await look(path, 'GET', url.replace(/:\w+/g, 'c0ffee'));
    // Whatever is echoed in a refusal.
    await look(path, 'GET', path.replace(/:\w+/g, encodeURIComponent(PAYLOAD)));
  }
  for (const format of ['json', 'text']) {
    const subject = { kind: 'mac', value: MAC.toString('hex') };
    await look(`export ${format}`, 'POST', `/api/airherd/v1/orgs/${lab.orgId}/subjects/export`, {
      subject,
      format,
    });
  }
  // The control: the names are in what was looked at.
  expect(told).toBeGreaterThan(6);
  expect(html.map(([name]) => name)).toContain('/api/airherd/v1/orgs/:orgId/notice');
  for (const [name, page] of html) {
    const dom = await inBrowser(page);
    expect([name, titleOf(dom)]).toEqual([name, expect.not.stringMatching(/^pwned$/)]);
    expect([name, /<svg|<script/i.test(dom)]).toEqual([name, false]);
    expect([name, dom.includes('&lt;svg')]).toEqual([name, true]);
  }
});

test("a switch's status page", async () => {
  const page = statusHtml(
    { serial: PAYLOAD, model: PAYLOAD, mac: PAYLOAD },
    {
      state: PAYLOAD as 'open',
      outbox: { pending: 0 } as never,
      ledger: () => [{ stream: PAYLOAD, produced: 1, acknowledged: 0, pending: 0, dropped: 0 }] as never,
    },
    new Map([[PAYLOAD, PAYLOAD]]),
  );
  const dom = await inBrowser(page);
  expect(titleOf(dom)).not.toBe('pwned');
  expect(/<svg|<script/i.test(dom)).toBe(false);
});
