import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { startLab } from 'airherd/testing';
import { scrape, serve } from './exporter.mjs';

const cloudOf = (lab) => ({
  url: `https://localhost:${lab.cloud.stub.apiPort}`,
  token: lab.cloud.token,
  ca: lab.cloud.stub.trustPem,
});

test('a device that loses its uplink is down, and its clients are still counted', async () => {
  const lab = await startLab({ aps: 2, clients: [{ id: 'phone', ssid: 'corp' }] });
  try {
    await lab.expect.client(lab.client('phone').mac).associated({ ssid: 'corp' });
    const before = await lab.during(scrape(cloudOf(lab), lab.cloud.siteId));
    for (const { serial } of lab.aps)
      assert.match(before, new RegExp(`device_up\\{serial="${serial}".*\\} 1`));
    assert.match(before, /site_clients\{ssid="corp",.*\} 1/);

    lab.ap('ap1').link.cut();
    await lab.expect.device('ap1').offline();
    const after = await lab.during(scrape(cloudOf(lab), lab.cloud.siteId));
    assert.match(after, new RegExp(`device_up\\{serial="${lab.ap('ap0').serial}".*\\} 1`));
    assert.match(after, new RegExp(`device_up\\{serial="${lab.ap('ap1').serial}".*\\} 0`));
  } finally {
    await lab.stop();
  }
});

test('a cloud that is away is a scrape that fails, not an exporter that ends', async () => {
  const server = serve({ url: 'https://localhost:1', token: 'none' }, 'site').listen(0, '127.0.0.1');
  await once(server, 'listening');
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/metrics`);
  assert.equal(answer.status, 502);
  server.close();
});
