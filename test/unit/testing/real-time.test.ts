import { expect, test } from 'vitest';
import { startLab } from '../../../testing/index.ts';

test('in the machine’s time, several side by side', async () => {
  const labs = await Promise.all([1, 2].map((seed) => startLab({ seed, clock: 'real', clients: 1 })));
  for (const lab of labs) {
    const [client] = lab.clients;
    await lab.expect.client(client.mac).associated({ ssid: 'corp' });
    await lab.expect.client(client.mac).addressed();
    expect(lab.clock.isVirtual).toBe(false);
  }
  expect(new Set(labs.map(({ cloud }) => cloud.url)).size).toBe(2);
  await Promise.all(labs.map((lab) => lab.stop()));
});

test('a lab whose devices go to a cloud of yours', async () => {
  await using yours = await startLab({ seed: 1, clock: 'real', aps: 1 });
  const { url } = yours.cloud;
  // The same serial logs in there: the newer session replaces the older.
  await using lab = await startLab({ seed: 2, cloud: { url }, aps: 1, clients: 1 });
  await lab.expect.device('ap0').online();
  await lab.expect.client(lab.client().mac).associated();
  await expect(lab.cloud.kill()).rejects.toThrow('the cloud of this lab is yours');
});
