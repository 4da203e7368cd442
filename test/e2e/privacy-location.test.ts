import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { packRssi } from '../../protocol/messages/rssi.ts';
import { callApi, type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient, type Loose } from '../support/device-client.ts';

const CONNECTED = '3c0754c0ffee';
const LEFT = '3c0754c0ffef';
const PASSING = '020000000042';
const BADGE = 'c0ffee000001';
const PASSIVE = 'c0ffee000002';
const EVERYTHING = ['device', 'wifi.connected', 'wifi.unconnected', 'ble.assets', 'ble.passive', 'wired'];
const bytes = (mac: string) => Buffer.from(mac, 'hex');
const advertiser = (mac: string, fields: object = {}) => ({
  address: bytes(mac),
  addressType: 'public',
  format: 'other',
  advertisingData: bytes('00'),
  lastSeenMs: 1,
  ...fields,
});

let lab: TestCloud;
let device: DeviceClient;
beforeAll(async () => {
  lab = await testCloud();
  const [identity] = await lab.devices(1);
  await classes(EVERYTHING);
  device = await DeviceClient.login({ port: lab.cloud.devicePort, identity });
  const client = (mac: string, state: string) => ({
    mac: bytes(mac),
    randomized: false,
    state,
    lastSeenMs: 1,
  });
  const publish = async (stream: string, fields: object) =>
    device.acked(stream, device.publish(stream, fields));
  await publish('clients', {
    class: 'wifi.connected',
    clients: [client(CONNECTED, 'associated'), client(LEFT, 'left')],
  });
  await publish('clients', { class: 'wifi.unconnected', clients: [client(PASSING, 'probing')] });
  for (const [privacyClass, mac] of [
    ['wifi.connected', CONNECTED],
    ['wifi.unconnected', PASSING],
    ['ble.assets', BADGE],
    ['ble.passive', PASSIVE],
  ]) {
    await publish('rssi', {
      class: privacyClass,
      ...packRssi([{ mac: bytes(mac), rssiDbm: -50, agoMs: 1 }]),
    });
  }
  await publish('ble', { class: 'ble.assets', devices: [advertiser(BADGE, { localName: 'badge' })] });
  await publish('ble', { class: 'ble.passive', devices: [advertiser(PASSIVE)] });
});
afterAll(async () => {
  device.end();
  await lab.stop();
});
beforeEach(() => classes(EVERYTHING));

async function classes(privacyClasses: string[]): Promise<void> {
  const path = `/api/airherd/v1/orgs/${lab.orgId}/privacy`;
  expect((await lab.api(path, { method: 'PUT', body: { privacyClasses } })).status).toBe(200);
}
const siteOf = (name: string) => `/api/airherd/v1/sites/${lab.siteId}/${name}`;
const rssiOf = (mac: string) => `/api/airherd/v1/orgs/${lab.orgId}/rssi?mac=${mac}`;
const count = async (path: string) => (await lab.api(path)).json.length;

describe('where somebody is', () => {
  test('who is connected is at its access point, and nowhere more precisely; nobody else is anywhere', async () => {
    const { json } = await lab.api(siteOf('places'));
    expect(json).toEqual([
      {
        mac: CONNECTED,
        tier: 'coarse',
        place: { accessPoint: device.identity.serial },
        seenMs: expect.any(Number),
      },
    ]);
  });

  test('signal, who passes by and Bluetooth are shown while their class is on, and not when it is off', async () => {
    const all = [
      siteOf('unconnected'),
      siteOf('ble'),
      rssiOf(CONNECTED),
      rssiOf(PASSING),
      rssiOf(BADGE),
      rssiOf(PASSIVE),
      siteOf('places'),
    ];
    const counts = () => Promise.all(all.map(count));
    expect(await counts()).toEqual([1, 2, 1, 1, 1, 1, 1]);
    await classes(['device', 'wifi.connected']);
    expect(await counts()).toEqual([0, 0, 1, 0, 0, 0, 1]);
    await classes(['device']);
    expect(await counts()).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  test.each([
    ['ble.assets', BADGE, [1, 0]],
    ['ble.passive', PASSIVE, [0, 1]],
  ] as const)(
    'Bluetooth devices with only %s on: no other is shown, nor counted',
    async (on, mac, [badge, passive]) => {
      await classes(['device', on]);
      const { json, headers } = await lab.api(siteOf('ble'));
      expect(json.map((one: Loose) => [one.address, one.class])).toEqual([[mac, on]]);
      expect(headers['x-page-total']).toBe('1');
      expect((await lab.api(siteOf('ble?page=2&limit=1'))).json).toEqual([]);
      expect([await count(rssiOf(BADGE)), await count(rssiOf(PASSIVE))]).toEqual([badge, passive]);
    },
  );

  test.each([
    ['ble.assets', 'c0ffee000011'],
    ['ble.passive', 'c0ffee000012'],
  ] as const)(
    'of an older agent that sends all Bluetooth devices in one class, with only %s on, the others are not stored',
    async (on, expected) => {
      const devices = [
        advertiser('c0ffee000011', { format: 'ibeacon' }),
        advertiser('c0ffee000012', { localName: '' }),
      ];
      await classes(['device', on]);
      await device.acked('ble', device.publish('ble', { class: on, devices }));
      await classes(EVERYTHING);
      const of = (mac: string) => lab.api(siteOf(`ble?mac=${mac}`));
      expect((await of(expected)).json).toHaveLength(1);
      const { json } = await lab.api(`/api/airherd/v1/orgs/${lab.orgId}/messages?stream=ble&limit=1`);
      expect(json[0].devices.map((one: Loose) => one.address)).toEqual([expected]);
      const other = devices.find((one) => one.address.toString('hex') !== expected) as (typeof devices)[0];
      if (on === 'ble.assets') expect((await of(other.address.toString('hex'))).json).toHaveLength(0);
    },
  );

  test.each([
    ['admin', 200, 200],
    ['write', 200, 200],
    ['read', 200, 200],
    ['helpdesk', 403, 200],
    ['installer', 403, 403],
  ] as const)(
    '%s: signal, passers-by, Bluetooth %i; the access point of a client %i',
    async (role, fine, coarse) => {
      const made = await lab.api(`/api/v1/orgs/${lab.orgId}/apitokens`, {
        method: 'POST',
        body: { name: `of ${role}`, privileges: [{ scope: 'org', org_id: lab.orgId, role }] },
      });
      const status = async (path: string) => (await callApi(lab.cloud, made.json.key, path)).status;
      for (const path of [siteOf('unconnected'), siteOf('ble'), rssiOf(CONNECTED)]) {
        expect([path, await status(path)]).toEqual([path, fine]);
      }
      expect(await status(siteOf('places'))).toBe(coarse);
    },
  );

  test('whose data is restricted is nowhere', async () => {
    const restrict = (restricted: boolean) =>
      lab.api(`/api/airherd/v1/orgs/${lab.orgId}/subjects/restrict`, {
        method: 'POST',
        body: { subject: { kind: 'mac', value: CONNECTED }, restricted },
      });
    await restrict(true);
    expect((await lab.api(siteOf('places'))).json.map(({ mac }: Loose) => mac)).toEqual([]);
    expect(await count(rssiOf(CONNECTED))).toBe(0);
    const messages = (await lab.api(`/api/airherd/v1/orgs/${lab.orgId}/messages`)).body.toString();
    expect(messages).toContain(LEFT);
    expect(messages).not.toContain(CONNECTED);
    await restrict(false);
    expect(await count(siteOf('places'))).toBe(1);
  });
});
