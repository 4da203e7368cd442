import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPcapng } from '../support/build-pcapng.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient } from '../support/device-client.ts';

const run = promisify(execFile);
const HOSTILE = "=cmd|' /C calc'!A0\"<script>alert(1)</script>";

let lab: TestCloud;
let dir: string;
let serial: string;
let base: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'airherd-download-'));
  lab = await testCloud();
  base = `/api/airherd/v1/orgs/${lab.orgId}`;
  const [identity] = await lab.devices(1);
  serial = identity.serial;
  const device = await DeviceClient.login({ port: lab.cloud.devicePort, identity });
  for (let i = 0; i < 450; i++) {
    const clients = [
      {
        mac: Buffer.from(`3c0754${i.toString(16).padStart(6, '0')}`, 'hex'),
        randomized: false,
        state: 'associated',
        hostName: i === 0 ? HOSTILE : `host-${i}`,
        ip4: ['192.0.2.1', '192.0.2.2'],
        lastSeenMs: 1,
      },
    ];
    await device.acked('clients', device.publish('clients', { class: 'wifi.connected', clients }));
  }
  for (const part of [1, 2]) {
    const section = buildPcapng([Buffer.alloc(60, part), Buffer.alloc(60, part)]);
    const capture = {
      captureId: Buffer.alloc(16, 7),
      trigger: 'continuous',
      fromMs: 1,
      toMs: 2,
      part,
      last: part === 2,
    };
    const counts = { packets: 2, bytesSeen: 120, bytesKept: 120, section };
    await device.acked('pcap', device.publish('pcap', { class: 'pcap.headers', ...capture, ...counts }));
  }
  device.end();
});
afterAll(async () => {
  await lab.stop();
  rmSync(dir, { recursive: true, force: true });
});

test('messages as NDJSON, in the order in which they came', async () => {
  const { headers, body } = await lab.api(`${base}/download/messages.ndjson?stream=clients`);
  expect(headers['transfer-encoding']).toBe('chunked');
  const rows = body
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 450 }, (_, i) => i + 1));
  expect(rows[3]).toMatchObject({ serial, clients: [{ mac: '3c0754000003', hostName: 'host-3' }] });
  const none = await lab.api(`${base}/download/messages.ndjson?toMs=1`);
  expect(none.body.length).toBe(0);
  expect((await lab.api(`${base}/download/messages.ndjson?stream=secrets`)).status).toBe(400);
});

test('hosts as CSV that a CSV reader reads, and that no spreadsheet calculates', async () => {
  const { body } = await lab.api(`${base}/download/hosts.csv`);
  const path = join(dir, 'hosts.csv');
  writeFileSync(path, body);
  const script =
    'import csv,json,sys; print(json.dumps(list(csv.DictReader(open(sys.argv[1], newline="")))))';
  const { stdout } = await run('python3', ['-c', script, path], { maxBuffer: 1 << 26 });
  const rows = JSON.parse(stdout);
  expect(rows).toHaveLength(450);
  expect(rows[0].hostName).toBe(`'${HOSTILE}`);
  expect(rows[1]).toMatchObject({
    mac: '3c0754000001',
    ip4: '192.0.2.1 192.0.2.2',
    serial,
    stream: 'clients',
  });
});

test('packets as one pcapng that tshark reads', async () => {
  const { body } = await lab.api(`${base}/download/packets.pcapng`);
  const path = join(dir, 'packets.pcapng');
  writeFileSync(path, body);
  const { stdout } = await run('tshark', ['-r', path, '-T', 'fields', '-e', 'frame.len']);
  expect(stdout.trim().split('\n')).toEqual(['60', '60', '60', '60']);
});

test('the notice of processing is made from the same table, without script, escaped', async () => {
  const { organisations } = lab.cloud.registry;
  const org = organisations.ensure('<img src=x onerror=alert(1)> & "Co"');
  const page = async () => {
    const { headers, body } = await lab.api(`/api/airherd/v1/orgs/${org.id}/notice`);
    expect(headers['content-type']).toContain('text/html');
    return body.toString();
  };
  const before = await page();
  expect(before).not.toMatch(/<script|<img/);
  expect(before).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; &quot;Co&quot;');
  const unconnected = 'MAC address and approximate place of a device in range that is not connected';
  expect(before).toContain(`<li>${unconnected}</li>`);
  await lab.api(`/api/airherd/v1/orgs/${org.id}/privacy`, {
    method: 'PUT',
    body: { privacyClasses: ['device', 'wifi.unconnected'] },
  });
  expect(await page()).toContain(`<td>${unconnected}</td>`);
});
