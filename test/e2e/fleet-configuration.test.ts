/** Devices of a fleet take what the cloud configures, as any device does, and go back to it when it cuts them off. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseFleetConfig } from '../../fleet/index.ts';
import { Metrics } from '../../fleet/metrics/metrics.ts';
import { VirtualDevice } from '../../fleet/virtual-device.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { nodeDialer } from '../../platform/node/dial.ts';
import { nodeRandom } from '../../platform/node/random.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';

let cloud: TestCloud;
let device: VirtualDevice;
const path = () => `/api/airherd/v1/devices/${device.serial}/configuration`;

beforeAll(async () => {
  cloud = await testCloud();
  const [identity] = await cloud.devices(1);
  const url = `mqtts://127.0.0.1:${cloud.cloud.devicePort}`;
  const config = parseFleetConfig(
    {
      cloud: url,
      serverName: 'localhost',
      devices: 1,
      shape: { kind: 'storm' },
      backoff: { min: '10ms', max: '50ms' },
    },
    'test',
  );
  const platform = { clock: nodeClock, random: nodeRandom, dialer: nodeDialer };
  const startAtMs = nodeClock.monoMs();
  const place = { index: 0, startAtMs, localAddress: undefined, link: null };
  device = new VirtualDevice(identity, config, platform, new Metrics(), place);
  await device.start(startAtMs);
});
afterAll(async () => {
  await device.stop();
  await cloud.stop();
});

/** What became of these settings. */
async function set(settings: object, confirmTimeoutS = 30) {
  const body = { settings, confirmTimeoutS };
  const { status, json } = await cloud.api(path(), { method: 'PUT', body });
  expect(status).toBe(200);
  for (;;) {
    const { json: now } = await cloud.api(path());
    if (now.version === json.version && now.state !== 'pending' && now.state !== 'applied') return now;
  }
}

test('they are confirmed, refused and rolled back as on a device of one’s own', async () => {
  expect(await set({ report: { repeatMs: 1000, statsMs: 5000 } })).toMatchObject({
    ...{ version: 1, running: 1, state: 'confirmed' },
  });
  const refused = await set({ capture: { sources: ['live:eth0'] } });
  expect(refused).toMatchObject({ version: 2, running: 1, state: 'refused' });
  expect(refused.problems).toEqual([expect.stringMatching(/^capture\.sources: a simulated device/)]);
  expect(await set({ cloud: { url: 'mqtts://127.0.0.1:1' } }, 1)).toMatchObject({
    ...{ version: 3, running: 1, state: 'rolled-back' },
  });
});
