/** What the cloud says is there now: a device that is connected takes its word back itself, one that is away cannot. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Identity } from '../../certs/identity.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient } from '../support/device-client.ts';

/** Time of day that can be put forward; what lasts is as long as it is. */
let aheadMs = 0;
const clock: Clock = { ...nodeClock, wallMs: () => nodeClock.wallMs() + aheadMs };
const MINUTE_MS = 60_000;
const bytes = (hex: string) => Buffer.from(hex, 'hex');

let lab: TestCloud;
let identity: Identity;
let other: Identity;
let device: DeviceClient;
beforeAll(async () => {
  lab = await testCloud({ clock });
  [identity, other] = await lab.devices(2);
  device = await login(identity);
});
afterAll(async () => {
  device.end();
  await lab.stop();
});

async function login(of: Identity): Promise<DeviceClient> {
  const client = await DeviceClient.login({ port: lab.cloud.devicePort, identity: of });
  await client.acked('hello', client.publish('hello', { ...HELLO, ...booted() }));
  return client;
}
/** Just now, by a clock that goes as the cloud's. */
const booted = () => ({ timeMs: clock.wallMs(), monoMs: 0 });
const HELLO = {
  class: 'device',
  mac: bytes('02aaaaaaaaaa'),
  deviceKind: 'ap',
  model: 'AH-AP-1',
  firmware: '1',
  configVersion: 0,
  classes: ['lldp'],
};
const CLIENT = { randomized: true, lastSeenMs: 1, bssid: bytes('020000000aaa'), ssid: 'lab' };
const NEIGHBOUR = {
  port: 'eth0',
  sourceMac: bytes('020000000003'),
  ...{ chassisIdSubtype: 4, chassisId: '02:00:00:00:00:03', portIdSubtype: 5, portId: 'Gi1', ttlS: 120 },
  lastSeenMs: 1,
};

async function tell(from: DeviceClient, mac: string, state: string): Promise<void> {
  const clients = [{ ...CLIENT, mac: bytes(mac), state }];
  await from.acked(
    'clients',
    from.publish('clients', { class: 'wifi.connected', clients, timeMs: clock.wallMs() }),
  );
}
const at = async (path: string) => (await lab.api(path)).json;

/** By every route that says who is there. */
async function there() {
  const [all, now, { num_clients }, [ap], places, neighbours] = await Promise.all([
    at(`/api/airherd/v1/sites/${lab.siteId}/clients`),
    at(`/api/v1/sites/${lab.siteId}/stats/clients`),
    at(`/api/v1/sites/${lab.siteId}/stats`),
    at(`/api/v1/sites/${lab.siteId}/stats/devices?status=all`),
    at(`/api/airherd/v1/sites/${lab.siteId}/places`),
    at(`/api/airherd/v1/sites/${lab.siteId}/neighbours`),
  ]);
  expect(num_clients).toBe(now.length);
  expect(places.length).toBe(now.length);
  expect(ap.num_clients).toBeLessThanOrEqual(num_clients);
  const present = all.filter((one: { present: boolean }) => one.present);
  expect(present.length).toBe(now.length);
  return { all: all.length, present: present.length, neighbours: neighbours.length };
}

test('who left is known, and not there', async () => {
  await tell(device, '020000000001', 'associated');
  await tell(device, '020000000002', 'associated');
  expect(await there()).toEqual({ all: 2, present: 2, neighbours: 0 });
  await tell(device, '020000000002', 'left');
  expect(await there()).toEqual({ all: 2, present: 1, neighbours: 0 });
});

test('only who told of a client last can say that it left', async () => {
  const next = await login(other);
  await tell(next, '020000000001', 'left');
  expect(await there()).toMatchObject({ present: 1 });
  await tell(next, '020000000001', 'associated');
  await tell(device, '020000000001', 'left');
  expect(await there()).toMatchObject({ present: 1 });
  await tell(next, '020000000001', 'left');
  expect(await there()).toMatchObject({ present: 0 });
  next.end();
  await tell(device, '020000000001', 'associated');
  expect(await there()).toMatchObject({ present: 1 });
});

test('the word of a device that is away grows old: a neighbour by its time to live, a client after five minutes', async () => {
  await device.acked('lldp', device.publish('lldp', { class: 'lldp', neighbours: [NEIGHBOUR] }));
  aheadMs = 60 * MINUTE_MS;
  expect(await there()).toMatchObject({ present: 1, neighbours: 1 });
  aheadMs = 0;
  device.end();
  while ((await at(`/api/v1/sites/${lab.siteId}/stats/devices?status=connected`)).length > 0);
  expect(await there()).toMatchObject({ present: 1, neighbours: 1 });
  aheadMs = 2 * MINUTE_MS + 1000;
  expect(await there()).toMatchObject({ present: 1, neighbours: 0 });
  aheadMs = 5 * MINUTE_MS + 1000;
  expect(await there()).toMatchObject({ all: 2, present: 0, neighbours: 0 });
});

test('what a device said before it booted anew is not its word now', async () => {
  device = await login(identity);
  expect(await there()).toMatchObject({ all: 2, present: 0, neighbours: 0 });
  await tell(device, '020000000001', 'associated');
  expect(await there()).toMatchObject({ all: 2, present: 1 });
});
