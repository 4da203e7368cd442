import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Identity } from '../../certs/identity.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient } from '../support/device-client.ts';

let lab: TestCloud;
let identity: Identity;
let device: DeviceClient;
beforeAll(async () => {
  lab = await testCloud();
  [identity] = await lab.devices(1);
  device = await DeviceClient.login({ port: lab.cloud.devicePort, identity });
});
afterAll(async () => {
  device.end();
  await lab.stop();
});
const bytes = (hex: string) => Buffer.from(hex, 'hex');

test('the newest record of a client replaces the one before it', async () => {
  const client = { mac: bytes('020000000001'), randomized: true, state: 'associated', lastSeenMs: 1 };
  device.publish('clients', { class: 'wifi.connected', clients: [{ ...client, hostName: 'before' }] });
  const seq = device.publish('clients', {
    class: 'wifi.connected',
    clients: [{ ...client, hostName: 'after' }],
  });
  await device.acked('clients', seq);
  const { json } = await lab.api(`/api/airherd/v1/sites/${lab.siteId}/clients?mac=02-00-00-00-00-01`);
  expect(json).toMatchObject([{ mac: '020000000001', hostName: 'after' }]);
});

test('an access point that only overhears a client takes nothing from what the serving one told', async () => {
  const [other] = await lab.devices(1);
  const neighbour = await DeviceClient.login({ port: lab.cloud.devicePort, identity: other });
  const heard = { mac: bytes('020000000009'), randomized: true, state: 'associated' };
  const tell = async (from: DeviceClient, client: object) => {
    const seq = from.publish('clients', { class: 'wifi.connected', clients: [{ ...heard, ...client }] });
    await from.acked('clients', seq);
    const { json } = await lab.api(`/api/airherd/v1/sites/${lab.siteId}/clients?mac=020000000009`);
    return json;
  };
  const [home, next] = [bytes('0255aa550001'), bytes('0255aa550005')];
  const served = { bssid: home, ssid: 'corp', hostName: 'phone', lastSeenMs: 1 };
  expect(await tell(device, served)).toMatchObject([{ ssid: 'corp' }]);
  expect(await tell(neighbour, { bssid: home, lastSeenMs: 2 })).toMatchObject([
    { ssid: 'corp', hostName: 'phone' },
  ]);
  // It has roamed: that is news, whoever tells it.
  const roamed = await tell(neighbour, { bssid: next, lastSeenMs: 3 });
  expect(roamed).toMatchObject([{ bssid: '0255aa550005' }]);
  expect(roamed).not.toMatchObject([{ ssid: 'corp' }]);
  neighbour.end();
});

test('wired hosts and LLDP neighbours', async () => {
  const host = {
    mac: bytes('020000000002'),
    randomized: false,
    port: 'ge-0/0/1',
    vlan: 7,
    ip4: ['10.1.1.9'],
    hostName: 'printer',
    lastSeenMs: 1,
  };
  const neighbour = {
    port: 'ge-0/0/2',
    sourceMac: bytes('020000000003'),
    chassisIdSubtype: 4,
    chassisId: '02:00:00:00:00:03',
    portIdSubtype: 5,
    portId: 'Gi1/0/1',
    ttlS: 120,
    systemName: 'core-1',
    lastSeenMs: 1,
  };
  await device.acked('wired', device.publish('wired', { class: 'wired', hosts: [host] }));
  await device.acked('lldp', device.publish('lldp', { class: 'lldp', neighbours: [neighbour] }));
  const wired = await lab.api(`/api/v1/sites/${lab.siteId}/stats/clients?wired=true`);
  expect(wired.json).toMatchObject([
    { mac: '020000000002', eth_port: 'ge-0/0/1', vlan_id: 7, ip: '10.1.1.9', hostname: 'printer' },
  ]);
  const { json } = await lab.api(`/api/airherd/v1/sites/${lab.siteId}/neighbours`);
  expect(json).toMatchObject([{ chassisId: '02:00:00:00:00:03', systemName: 'core-1', portId: 'Gi1/0/1' }]);
});

test('a neighbour that says goodbye is none any more', async () => {
  const neighbour = {
    port: 'ge-0/0/3',
    sourceMac: bytes('020000000004'),
    chassisIdSubtype: 4,
    chassisId: '02:00:00:00:00:04',
    portIdSubtype: 5,
    portId: 'Gi1/0/2',
    lastSeenMs: 1,
  };
  const told = async (ttlS: number) => {
    const neighbours = [{ ...neighbour, ttlS }];
    await device.acked('lldp', device.publish('lldp', { class: 'lldp', neighbours }));
    const { json } = await lab.api(`/api/airherd/v1/sites/${lab.siteId}/neighbours?mac=020000000004`);
    return json.map(({ portId }: { portId: string }) => portId);
  };
  expect(await told(120)).toEqual(['Gi1/0/2']);
  expect(await told(0)).toEqual([]);
});

test('RSSI samples are found by MAC', async () => {
  const le = (values: number[], width: number) => {
    const out = Buffer.alloc(values.length * width);
    values.forEach((value, i) => {
      if (width === 1) out.writeInt8(value, i);
      else if (width === 2) out.writeUInt16LE(value, 2 * i);
      else out.writeUInt32LE(value, 4 * i);
    });
    return out;
  };
  const timeMs = Date.now();
  const seq = device.publish('rssi', {
    class: 'wifi.connected',
    timeMs,
    macs: bytes('020000000011020000000012'),
    who: le([0, 1, 0], 2),
    at: le([300, 200, 100], 4),
    rssi: le([-50, -60, -70], 1),
  });
  await device.acked('rssi', seq);
  const of = async (mac: string) => (await lab.api(`/api/airherd/v1/orgs/${lab.orgId}/rssi?mac=${mac}`)).json;
  expect(await of('020000000011')).toEqual([
    { serial: identity.serial, rssiDbm: -50, timeMs: timeMs - 300 },
    { serial: identity.serial, rssiDbm: -70, timeMs: timeMs - 100 },
  ]);
  expect(await of('020000000012')).toMatchObject([{ rssiDbm: -60 }]);
  expect(await of('020000000013')).toEqual([]);
});

test('the parts of a capture are one file that tshark reads', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'airherd-capture-'));
  const source = 'fixtures/captures/zeek/testing/btest/Traces/lldp.pcap';
  const whole = join(folder, 'whole.pcapng');
  execFileSync('editcap', ['-F', 'pcapng', source, whole]);
  const count = (path: string) =>
    execFileSync('tshark', ['-r', path, '-T', 'fields', '-e', 'frame.number']).toString().trim().split('\n')
      .length;
  const captureId = randomBytes(16);
  const part = {
    class: 'pcap.headers',
    captureId,
    trigger: 'dhcp-no-offer',
    client: bytes('020000000001'),
    fromMs: 1,
    toMs: 2,
    packets: count(whole),
    bytesSeen: 100,
    bytesKept: 60,
    section: readFileSync(whole),
  };
  // The second part overtakes the first: the file is in the order of the parts all the same.
  device.publish('pcap', { ...part, part: 2, last: true });
  await device.acked('pcap', device.publish('pcap', { ...part, part: 1, last: false, fromMs: 0 }));
  const { json } = await lab.api(`/api/airherd/v1/sites/${lab.siteId}/captures`);
  expect(json).toMatchObject([
    {
      captureId: captureId.toString('hex'),
      trigger: 'dhcp-no-offer',
      parts: 2,
      complete: true,
      fromMs: 0,
      toMs: 2,
    },
  ]);
  const path = `/api/airherd/v1/orgs/${lab.orgId}/captures/${identity.serial}/${captureId.toString('hex')}.pcapng`;
  const download = await lab.api(path);
  const downloaded = join(folder, 'downloaded.pcapng');
  writeFileSync(downloaded, download.body);
  expect(count(downloaded)).toBe(2 * count(whole));
  expect((await lab.api(path.replace(identity.serial, 'AH000000000000'))).status).toBe(404);
  rmSync(folder, { recursive: true });
});

test('the times of a capture are those of its packets, though its last part is empty', async () => {
  const part = {
    class: 'pcap.headers',
    captureId: randomBytes(16),
    trigger: 'manual',
    section: Buffer.alloc(0),
    bytesSeen: 0,
    bytesKept: 0,
  };
  const parts = [
    { packets: 2, fromMs: 5000, toMs: 6000, last: false },
    { packets: 1, fromMs: 4000, toMs: 7000, last: false },
    { packets: 0, fromMs: 0, toMs: 0, last: true },
  ];
  let seq = 0;
  parts.forEach((of, i) => {
    seq = device.publish('pcap', { ...part, part: i + 1, ...of });
  });
  await device.acked('pcap', seq);
  const { json } = await lab.api(`/api/airherd/v1/sites/${lab.siteId}/captures`);
  const captureId = part.captureId.toString('hex');
  expect(json.find((one: { captureId: string }) => one.captureId === captureId)).toMatchObject({
    ...{ fromMs: 4000, toMs: 7000, parts: 3, packets: 3, complete: true },
  });
});

test('events rest in the log, newest first', async () => {
  device.publish('event', { class: 'device', name: 'first', severity: 'info' });
  await device.acked(
    'event',
    device.publish('event', { class: 'device', name: 'second', severity: 'warning' }),
  );
  const { json } = await lab.api(`/api/airherd/v1/orgs/${lab.orgId}/messages?stream=event`);
  expect(json.map(({ name }: { name: string }) => name)).toEqual(['second', 'first']);
});
