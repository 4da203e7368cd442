import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient, helloFields } from '../support/device-client.ts';

let lab: TestCloud;
beforeAll(async () => {
  lab = await testCloud();
});
afterAll(() => {
  if (process.env.DEBUG_CLOUD) console.log(lab.cloud.refusals.recent());
  return lab.stop();
});

const mac = (text: string) => Buffer.from(text, 'hex');
const clientFields = (fields: object = {}) => ({
  class: 'wifi.connected',
  clients: [
    {
      mac: mac('3c0754aabb01'),
      randomized: false,
      state: 'associated',
      ssid: 'Office',
      band: '5',
      channel: 36,
      hostName: 'annas-laptop',
      ip4: ['10.0.0.7'],
      rssi: { last: -51, min: -60, max: -50, mean: -54, count: 4 },
      lastSeenMs: 1,
      ...fields,
    },
  ],
});

describe('a session', () => {
  test('proves both sides, welcomes, stores, acknowledges, and shows in the API', async () => {
    const [identity] = await lab.devices(1);
    const device = await DeviceClient.dial({ port: lab.cloud.devicePort, identity });
    expect(await device.connect()).toBe(0);
    const welcome = await device.open();
    expect(welcome).toMatchObject({ v: 1, claimed: true, window: 32 });
    expect(welcome.privacyClasses).not.toContain('wifi.unconnected');
    await device.acked('hello', device.publish('hello', helloFields(identity)));
    await device.acked('clients', device.publish('clients', clientFields()));
    const source = { name: 'live:eth0', state: 'running', frames: 90, bytes: 9000, dropped: 12 };
    const sources = [{ ...source, droppedBy: { kernel: 7, interface: 1, helper: 0, missed: 4 } }];
    const zero = { frames: 0, bytesSeen: 0, bytesKept: 0, bytesCut: 0, faults: 0 };
    const health = { uptimeMs: 5000, memoryBytes: 1, cpuMs: 1, outboxBytes: 0, ledger: [], slicing: zero };
    await device.acked('stats', device.publish('stats', { class: 'device', ...health, sources }));

    const stats = await lab.api(`/api/v1/sites/${lab.siteId}/stats/devices`);
    expect(stats.json.find((row: { serial: string }) => row.serial === identity.serial)).toMatchObject({
      status: 'connected',
      type: 'ap',
      version: '1.0.0',
      num_clients: 1,
      sources,
    });
    const clients = await lab.api(`/api/v1/sites/${lab.siteId}/stats/clients`);
    expect(clients.json).toContainEqual(
      expect.objectContaining({ mac: '3c0754aabb01', hostname: 'annas-laptop', band: '5', rssi: -51 }),
    );
    device.end();
  });
});
