/**
 * Logs above debug hold nobody: agents observe real captures whose names tshark reads, devices and people send names
 * in every place where something can be refused, and the logs of both ends are searched.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'cborg';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sharedAuthority } from '../support/authority.ts';
import { callApi, type TestCloud, testCloud } from '../support/cloud.ts';
import { type CloudProcess, spawnCloud } from '../support/cloud-process.ts';
import { compile } from '../support/compiled.ts';
import { DeviceClient } from '../support/device-client.ts';
import { rawApi } from '../support/raw-api.ts';

const DEMO = new URL('../../fixtures/demo/', import.meta.url).pathname;
/** Where each kind of name is, in which capture, by tshark's field. */
const NAMES: readonly [kind: string, file: string, field: string][] = [
  ['host name', 'dhcp.pcap', 'dhcp.option.hostname'],
  ['client MAC', 'dhcp.pcap', 'dhcp.hw.mac_addr'],
  ['user name', 'eap.pcap', 'eap.identity'],
  ['user agent', 'http.pcap', 'http.user_agent'],
  ['LLDP system name', 'lldp.pcap', 'lldp.tlv.system.name'],
  ['LLDP system description', 'lldp.pcap', 'lldp.tlv.system.desc'],
  ['SSID', 'hwsim-wpa2eap-radiotap.pcap', 'wlan.ssid'],
];

/** As text, and as hexadecimal without separators, in any case. */
function found(log: string, name: string): boolean {
  const forms = [name, Buffer.from(name).toString('hex'), name.replaceAll(':', '')];
  return forms.some((form) => log.toLowerCase().includes(form.toLowerCase()));
}

function tsharkNames(file: string, field: string): string[] {
  const text = execFileSync('tshark', ['-r', join(DEMO, file), '-T', 'fields', '-e', field, '-Y', field], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const names = [...new Set(text.split(/[\n,]/).filter((name) => name.length > 3 && name !== '<MISSING>'))];
  // Wireshark shows an SSID's bytes as hexadecimal (wlan.ssid is FT_BYTES since 4.0).
  return names.map((name) => (field === 'wlan.ssid' ? Buffer.from(name, 'hex').toString() : name));
}

let home: string;
let cloud: CloudProcess;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'airherd-canary-'));
  cpSync((await sharedAuthority()).dir, join(home, 'ca'), { recursive: true });
});
afterAll(async () => {
  await cloud?.end('SIGTERM');
  rmSync(home, { recursive: true, force: true });
});

test('what agents observe is in the store, and in no log at info', async () => {
  const { main } = compile();
  const env = { ...process.env, AIRHERD_HOME: home };
  const airherd = (...args: string[]) =>
    spawnSync(process.execPath, [main, ...args], { env, encoding: 'utf8' });
  airherd('device', 'create', '--kind', 'ap');
  const serial = String(readdirSync(join(home, 'devices')).find((name) => name.startsWith('AH')));
  airherd('device', 'claim', serial, '--org', 'Example', '--site', 'Hall');
  cloud = await spawnCloud(main, home, ['--log-level', 'info']);
  const sources = [...new Set(NAMES.map(([, file]) => `file:${join(DEMO, file)}`))];
  const agent = airherd(
    ...[
      'agent',
      '--identity',
      join(home, 'devices', serial),
      '--cloud',
      `mqtts://127.0.0.1:${cloud.devicePort}`,
    ],
    ...['--source', ...sources, '--exit-when-done', '--outbox', 'memory', '--log-level', 'info'],
  );
  expect([agent.status, agent.stderr.includes('unexpected')]).toEqual([0, false]);
  const { json: self } = await callApi(cloud, cloud.token, '/api/v1/self');
  const path = `/api/airherd/v1/orgs/${self.privileges[0].org_id}/messages?limit=1000`;
  const stored = (await callApi(cloud, cloud.token, path)).body.toString();
  const log = `${agent.stderr}${cloud.log()}`;
  for (const [kind, file, field] of NAMES) {
    const names = tsharkNames(file, field);
    expect([kind, names.length > 0]).toEqual([kind, true]);
    // The control: the agent did send it, as far as it sends such names.
    expect([kind, names.some((name) => found(stored, name))]).toEqual([kind, true]);
    for (const name of names) expect([kind, name, found(log, name)]).toEqual([kind, name, false]);
  }
});

test('nor is it in what is refused: of devices and of people', async () => {
  const canary = 'canary-of-anna';
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const lab: TestCloud = await testCloud({ log });
  const [identity] = await lab.devices(1);
  const host = {
    mac: Buffer.from('3c0754c0ffee', 'hex'),
    randomized: false,
    state: 'associated',
    lastSeenMs: 1,
  };
  const wrong: object[] = [
    { ...host, hostName: canary, state: canary },
    { ...host, [canary]: canary },
    { ...host, hostName: [canary] },
    { ...host, ip4: [canary.repeat(9)] },
    { ...host, mac: Buffer.from(canary) },
  ];
  for (const client of wrong) {
    const device = await DeviceClient.login({ port: lab.cloud.devicePort, identity });
    device.publish('clients', { class: 'wifi.connected', clients: [client] });
    await device.closed;
  }
  const device = await DeviceClient.login({ port: lab.cloud.devicePort, identity });
  device.publishRaw('clients', encode({ [canary]: canary }), { topic: `ap/v1/${canary}/tx/clients` });
  await device.closed;
  expect(lab.cloud.refusals.recent().length).toBeGreaterThanOrEqual(wrong.length + 1);

  const token = lab.cloud.registry.tokens.issue('canary');
  const authorization = `Token ${token}`;
  const post = (path: string, body: string, headers = {}) =>
    rawApi(lab.cloud, { method: 'POST', path, body, headers: { authorization, ...headers } });
  await post('/api/v1/login', JSON.stringify({ email: `${canary}@example.org`, password: canary }));
  await post('/api/v1/login', `{"${canary}":`);
  await post(`/api/v1/orgs/${lab.orgId}/admins`, JSON.stringify({ email: canary, [canary]: 1 }));
  await post(
    `/api/airherd/v1/orgs/${lab.orgId}/subjects/export`,
    JSON.stringify({ subject: { kind: 'user-name', value: canary } }),
  );
  await rawApi(lab.cloud, {
    path: `/api/v1/orgs/${canary}?serial=${canary}`,
    headers: { 'user-agent': canary, authorization },
  });
  await rawApi(lab.cloud, {
    path: '/api/v1/self',
    headers: { authorization: `Token ${canary}`, cookie: `sessionid=${canary}` },
  });
  await lab.stop();
  const whole = lines.join('');
  // The control: the refusals are in it.
  expect(whole).toContain('message-refused');
  expect(whole).toContain('topic-refused');
  for (const secret of [canary, '3c0754c0ffee', token])
    expect([secret, found(whole, secret)]).toEqual([secret, false]);
});
