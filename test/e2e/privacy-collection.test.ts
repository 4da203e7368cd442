import { decode } from 'cborg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { COLLECTED } from '../../cloud-stub/privacy/collected.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient, helloFields, type Loose } from '../support/device-client.ts';
import { stream } from '../support/streaming.ts';

const DEFAULT_CLASSES = ['device', 'wifi.connected', 'wired', 'lldp', 'pcap.headers'];
const ON = { hostName: true, userName: true, userAgent: true, deviceFamily: true };

/** `npm run soak:privacy` has 1000. */
const AGENTS = Number(process.env.AIRHERD_SOAK_AGENTS ?? 200);
const AT_ONCE = 16;

let lab: TestCloud;
let path: string;
beforeAll(async () => {
  lab = await testCloud();
  path = `/api/airherd/v1/orgs/${lab.orgId}/privacy`;
});
afterAll(() => lab.stop());
const put = async (body: object) => {
  const answer = await lab.api(path, { method: 'PUT', body });
  expect(answer.status, answer.body.toString()).toBe(200);
  return answer.json;
};
beforeEach(() =>
  put({ privacyClasses: DEFAULT_CLASSES, fields: ON, locationServices: false, locationHistory: false }),
);

const login = async (): Promise<DeviceClient> => {
  const [identity] = await lab.devices(1);
  return DeviceClient.login({ port: lab.cloud.devicePort, identity });
};
const client = (fields: object = {}) => ({
  mac: Buffer.from('3c0754c0ffee', 'hex'),
  randomized: false,
  state: 'associated',
  hostName: 'annas-laptop',
  userName: 'anna',
  userAgent: 'Mozilla/5.0',
  family: 'Laptop',
  os: 'Linux',
  confidence: 0.9,
  lastSeenMs: 1,
  ...fields,
});
const probing = (n: number) => ({
  class: 'wifi.unconnected',
  clients: [
    {
      mac: Buffer.from((0x0200_0000_0000 + n).toString(16).padStart(12, '0'), 'hex'),
      randomized: true,
      state: 'probing',
      lastSeenMs: 1,
    },
  ],
});

describe('what is collected', () => {
  test('by default: connected and wired devices, nothing of who is not connected, no Bluetooth, no app, no payload, no history', async () => {
    const { json } = await lab.api(path);
    const on = json.collected.filter((row: Loose) => row.collected).map((row: Loose) => row.id);
    expect(on).toEqual([
      'device-health',
      'wifi-mac',
      'wifi-ip',
      'wifi-host-name',
      'wifi-user-name',
      'wifi-user-agent',
      'wifi-device-family',
      'location-coarse',
      'signal',
      'dynamic-capture',
      'wired-mac',
      'wired-ip',
      'wired-host-name',
      'wired-user-name',
      'lldp',
    ]);
    for (const row of json.collected) expect(row.default, row.id).toBe(row.collected ? 'on' : 'off');
  });

  test('each field is shown with its product, its switch, why it is taken, and how long it is kept', async () => {
    await put({ fields: { userName: false }, privacyClasses: ['device', 'wifi.connected'] });
    const { json } = await lab.api(path);
    const row = (id: string) => json.collected.find((found: Loose) => found.id === id);
    expect(json.collected).toHaveLength(COLLECTED.length);
    expect(row('wifi-user-name')).toMatchObject({
      product: 'Wi-Fi Assurance',
      setting: 'fields.userName',
      collected: false,
      why: 'fields.userName is off',
      keptDays: 60,
    });
    expect(row('wired-mac')).toMatchObject({ collected: false, why: 'class wired is off' });
    expect(row('dynamic-capture')).toMatchObject({ collected: false, keptDays: 7 });
    expect(row('location-precise')).toMatchObject({ collected: false, keptDays: 0 });
  });

  test('what cannot be had together is refused in one line, and nothing is changed', async () => {
    const before = (await lab.api(path)).json;
    for (const body of [{ locationHistory: true }, { retentionDays: { packets: 8 } }]) {
      const { status, json } = await lab.api(path, { method: 'PUT', body });
      expect(status).toBe(400);
      expect(json.detail).toContain('premiumAnalytics');
    }
    expect((await lab.api(path, { method: 'PUT', body: { everything: true } })).status).toBe(400);
    expect((await lab.api(path)).json).toEqual(before);
  });
});

describe('fields', () => {
  test('a field that is switched off is told to agents, and is not stored when one sends it', async () => {
    const device = await login();
    await put({ fields: { userName: false, deviceFamily: false } });
    const config = decode(await device.down('config')) as Loose;
    expect(config.fields).toEqual({ ...ON, userName: false, deviceFamily: false });
    const seq = device.publish('clients', { class: 'wifi.connected', clients: [client()] });
    await device.acked('clients', seq);
    const store = lab.cloud.stores.of(lab.orgId);
    const [stored] = store.messages({ serial: device.identity.serial, limit: 1, offset: 0 });
    const expected = client();
    for (const name of ['userName', 'family', 'os', 'confidence'] as const)
      Reflect.deleteProperty(expected, name);
    expect((stored.message as Loose).clients).toEqual([expected]);
    const { json } = await lab.api(
      `/api/airherd/v1/sites/${lab.siteId}/clients?serial=${device.identity.serial}`,
    );
    expect(json[0]).toMatchObject({ hostName: 'annas-laptop' });
    expect(json[0]).not.toHaveProperty('userName');
    device.end();
  });

  test('a device that was away is told when it says hello', async () => {
    const device = await login();
    const { version } = await put({ fields: { hostName: false } });
    await device.down('config');
    device.publish('hello', { ...helloFields(device.identity), configVersion: version - 1 });
    expect(decode(await device.down('config'))).toMatchObject({ version, fields: { hostName: false } });
    device.end();
  });
});

describe('a class switched off', () => {
  test('while many agents stream: nothing of it is stored after the acknowledgement', async () => {
    await put({ privacyClasses: [...DEFAULT_CLASSES, 'wifi.unconnected'] });
    const identities = await lab.devices(AGENTS);
    const devices: DeviceClient[] = [];
    for (let at = 0; at < AGENTS; at += AT_ONCE) {
      const some = identities.slice(at, at + AT_ONCE);
      const port = lab.cloud.devicePort;
      devices.push(...(await Promise.all(some.map((identity) => DeviceClient.login({ port, identity })))));
    }
    const streams = devices.map((device) => stream(device, 'clients', probing));
    await Promise.all(streams.map((one) => one.reaches(3)));
    const { upkeep, state } = lab.cloud.stores.of(lab.orgId);
    const forbidden = () => {
      let count = 0;
      for (let id = 0; ; ) {
        const some = upkeep.messagesAfter(id, 500);
        if (some.length === 0) return count;
        id = some[some.length - 1].id;
        count += some.filter(({ message }) => message.class === 'wifi.unconnected').length;
      }
    };
    await put({ privacyClasses: DEFAULT_CLASSES });
    const [atAcknowledgement, records] = [forbidden(), state.count('unconnected', {})];
    expect(atAcknowledgement).toBeGreaterThanOrEqual(3 * AGENTS);
    // They learn of it, and what they still send meanwhile is taken and not stored: nobody is cut for it.
    await Promise.all(devices.map((device) => device.down('config')));
    const sent = await Promise.all(streams.map((one) => one.stop()));
    expect(sent.reduce((a, b) => a + b)).toBeGreaterThan(atAcknowledgement);
    expect(forbidden() - atAcknowledgement).toBe(0);
    expect(state.count('unconnected', {}) - records).toBe(0);
    expect(lab.cloud.ingest.counts.withheld).toBeGreaterThan(0);
    for (const device of devices) device.end();
    if (process.env.AIRHERD_SOAK_AGENTS) {
      const { withheld } = lab.cloud.ingest.counts;
      console.log(
        `${AGENTS} agents: ${atAcknowledgement} stored before, ${withheld} withheld after, 0 stored after`,
      );
    }
  }, 600_000);

  test('is in the welcome of a device that was away; what it sends all the same cuts it', async () => {
    await put({ privacyClasses: [...DEFAULT_CLASSES, 'wifi.unconnected'] });
    const device = await login();
    device.end();
    await put({ privacyClasses: DEFAULT_CLASSES });
    const again = await DeviceClient.dial({ port: lab.cloud.devicePort, identity: device.identity });
    expect(await again.connect()).toBe(0);
    expect((await again.open()).privacyClasses).toEqual(DEFAULT_CLASSES);
    again.publish('clients', probing(1));
    await again.closed;
    expect(lab.cloud.refusals.recent()[0].message).toContain('wifi.unconnected');
  });
});
