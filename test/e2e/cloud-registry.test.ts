import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { decode } from 'cborg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fingerprint } from '../../certs/certificate.ts';
import { certificateRequest } from '../../certs/certificate-request.ts';
import type { Identity } from '../../certs/identity.ts';
import { fromPem } from '../../certs/pem.ts';
import { openRegistry } from '../../cloud-stub/index.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { nodeRandom } from '../../platform/node/random.ts';
import { callApi, type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient, helloFields, type Loose } from '../support/device-client.ts';

let lab: TestCloud;
beforeAll(async () => {
  lab = await testCloud();
});
afterAll(() => lab.stop());

const login = (identity: Identity) => DeviceClient.login({ port: lab.cloud.devicePort, identity });

describe('revocation', () => {
  test('cuts the live session, and refuses the next login', async () => {
    const [identity, other] = await lab.devices(2);
    const device = await login(identity);
    const bystander = await login(other);
    await device.acked('hello', device.publish('hello', helloFields(identity)));
    expect(
      (await lab.api(`/api/airherd/v1/devices/${identity.serial}/revoke`, { method: 'POST' })).status,
    ).toBe(200);
    await device.closed;
    await expect(login(identity)).rejects.toThrow('CONNACK 5');
    await bystander.acked('hello', bystander.publish('hello', helloFields(other)));
    bystander.end();
  });

  test('by another process, on the same registry, does the same', async () => {
    const [identity] = await lab.devices(1);
    const device = await login(identity);
    // A connection of its own, as the command line has it.
    const elsewhere = openRegistry(lab.dir, { random: nodeRandom, clock: nodeClock });
    elsewhere.revoke(identity.serial);
    elsewhere.close();
    await device.closed;
    expect(lab.cloud.refusals.recent()[0]).toMatchObject({ code: 'device-revoked', serial: identity.serial });
  });
});

describe('privacy settings', () => {
  test('reach a live session, and are enforced from then on', async () => {
    const [identity] = await lab.devices(1);
    const device = await login(identity);
    const ble = {
      class: 'ble.assets',
      devices: [
        {
          address: Buffer.from('c0ffee000001', 'hex'),
          addressType: 'random-static',
          localName: 'tag',
          advertisingData: Buffer.from('020106', 'hex'),
          rssiDbm: -70,
          lastSeenMs: 1,
        },
      ],
    };
    const path = `/api/airherd/v1/orgs/${lab.orgId}/privacy`;
    const before: string[] = (await lab.api(path)).json.privacyClasses;
    expect(before).not.toContain('ble.assets');
    await lab.api(path, { method: 'PUT', body: { privacyClasses: [...before, 'ble.assets'] } });
    const config = decode(await device.down('config')) as Loose;
    expect(config.privacyClasses).toContain('ble.assets');
    await device.acked('ble', device.publish('ble', ble));
    const shown = await lab.api(`/api/airherd/v1/sites/${lab.siteId}/ble?mac=c0:ff:ee:00:00:01`);
    expect(shown.json).toMatchObject([{ address: 'c0ffee000001', rssiDbm: -70, serial: identity.serial }]);
    await lab.api(path, { method: 'PUT', body: { privacyClasses: before } });
    await device.down('config');
    // What was on its way is taken and not stored.
    const { stored } = lab.cloud.ingest.counts;
    await device.acked('ble', device.publish('ble', ble));
    expect(lab.cloud.ingest.counts).toMatchObject({ stored, withheld: 1 });
    device.end();
  });

  test('`device` cannot be turned off, and unknown classes are refused', async () => {
    const path = `/api/airherd/v1/orgs/${lab.orgId}/privacy`;
    const before: string[] = (await lab.api(path)).json.privacyClasses;
    expect(
      (await lab.api(path, { method: 'PUT', body: { privacyClasses: [] } })).json.privacyClasses,
    ).toEqual(['device']);
    expect((await lab.api(path, { method: 'PUT', body: { privacyClasses: ['all'] } })).status).toBe(400);
    await lab.api(path, { method: 'PUT', body: { privacyClasses: before } });
  });
});

describe('renewal', () => {
  const reply = (id: string, fields: object) => ({ class: 'device', id, ok: true, ...fields });

  test('certifies the new key for this device; the old one holds until the new has logged in', async () => {
    const [identity] = await lab.devices(1);
    const device = await login(identity);
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    });
    const answer = lab.api(`/api/airherd/v1/devices/${identity.serial}/renew`, { method: 'POST' });
    const renew = decode(await device.down('command')) as Loose;
    expect(renew.name).toBe('renew');
    // Asks for another device's name, and does not get it.
    const csr = certificateRequest(String(key), 'AH000000000009');
    device.publish('reply', reply(renew.id, { result: { csr } }));
    const install = decode(await device.down('command')) as Loose;
    expect(install.name).toBe('install-certificate');
    device.publish('reply', reply(install.id, {}));
    expect((await answer).status).toBe(200);
    const chain: string = install.args.chain;
    expect(new X509Certificate(chain).subject).toContain(`serialNumber=${identity.serial}`);
    device.end();
    const renewed = {
      ...identity,
      privateKeyPem: String(key),
      certificatePem: chain,
      certificateSha256: fingerprint(fromPem('CERTIFICATE', chain)[0]),
    };
    (await login(identity)).end();
    (await login(renewed)).end();
    await expect(login(identity)).rejects.toThrow('CONNACK 5');
    (await login(renewed)).end();
  });

  test('unasked: a device whose certificate is near its end sends a request of its own', async () => {
    const [identity] = await lab.devices(1);
    const device = await login(identity);
    const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const csr = certificateRequest(String(key.export({ type: 'pkcs8', format: 'pem' })), identity.serial);
    device.publish('reply', reply('renewal-due', { result: { csr } }));
    const install = decode(await device.down('command')) as Loose;
    expect(install.name).toBe('install-certificate');
    const { publicKey } = new X509Certificate(install.args.chain);
    expect(publicKey.equals(createPublicKey(key))).toBe(true);
    // The same request again gets the same certificate.
    device.publish('reply', reply('renewal-due-2', { result: { csr } }));
    const again = decode(await device.down('command')) as Loose;
    expect(again.args.chain).toBe(install.args.chain);
    device.end();
  });

  test('a request that does not hold the key is not certified', async () => {
    const [identity] = await lab.devices(1);
    const device = await login(identity);
    const answer = lab.api(`/api/airherd/v1/devices/${identity.serial}/renew`, { method: 'POST' });
    const renew = decode(await device.down('command')) as Loose;
    const csr = certificateRequest(identity.privateKeyPem, identity.serial);
    csr[csr.length - 1] ^= 1;
    device.publish('reply', reply(renew.id, { result: { csr } }));
    expect((await answer).status).toBe(409);
    device.end();
  });

  test('of a device that is not connected is one clear answer', async () => {
    const [identity] = await lab.devices(1);
    const answer = await lab.api(`/api/airherd/v1/devices/${identity.serial}/renew`, { method: 'POST' });
    expect(answer).toMatchObject({ status: 409, json: { detail: expect.stringContaining('not connected') } });
  });
});

describe('API', () => {
  test('wants a token, takes the scheme in any case, and says {detail} otherwise', async () => {
    const { cloud } = lab;
    expect(await callApi(cloud, null, '/api/v1/self')).toMatchObject({
      status: 401,
      json: { detail: expect.any(String) },
    });
    expect((await callApi(cloud, 'wrong', '/api/v1/self')).status).toBe(401);
    const token = cloud.registry.tokens.issue('lower case');
    const { request } = await import('node:https');
    const status = await new Promise((resolve, reject) => {
      const headers = { authorization: `token ${token}` };
      const options = { port: cloud.apiPort, ca: [...cloud.trustPem], path: '/api/v1/self', headers };
      request({ host: '127.0.0.1', agent: false, ...options }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
    expect((await lab.api('/api/v1/nothing')).json).toEqual({ detail: 'no such route' });
    expect((await lab.api('/api/v1/orgs/none')).status).toBe(404);
    const bad = await lab.api(`/api/v1/orgs/${lab.orgId}/sites?limit=0`);
    expect(bad).toMatchObject({ status: 400, json: { detail: expect.stringContaining('limit') } });
  });

  test('more requests than an hour allows are refused, with when to come again', async () => {
    const strict = await testCloud({ apiLimits: { requestsPerHour: 3 } });
    for (let i = 0; i < 3; i++) expect((await strict.api('/api/v1/self')).status).toBe(200);
    const refused = await strict.api('/api/v1/self');
    expect(refused).toMatchObject({ status: 429, json: { detail: 'too many requests' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    await strict.stop();
  });

  test('a body above the limit is refused', async () => {
    const body = ['x'.repeat(300 * 1024)];
    const answer = await lab.api(`/api/v1/orgs/${lab.orgId}/inventory`, { method: 'POST', body });
    expect(answer.status).toBe(413);
  });

  test('lists are bare arrays with the page in the headers', async () => {
    await lab.devices(5);
    const { headers, json } = await lab.api(`/api/v1/orgs/${lab.orgId}/inventory?limit=2&page=2`);
    expect(json).toHaveLength(2);
    expect(headers['x-page-limit']).toBe('2');
    expect(headers['x-page-page']).toBe('2');
    expect(Number(headers['x-page-total'])).toBe(lab.cloud.registry.list({ orgId: lab.orgId }).length);
    expect(headers['strict-transport-security']).toBeDefined();
    expect(json[0]).toMatchObject({
      type: 'ap',
      org_id: lab.orgId,
      mac: expect.stringMatching(/^[0-9a-f]{12}$/),
    });
    expect(json[0].id).toBe(`00000000-0000-0000-1000-${json[0].mac}`);
  });
});
