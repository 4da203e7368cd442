/** What an operator types against a cloud that runs: people, tokens, audit, support, keys, backups, data subjects. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROMISES } from '../../cloud-stub/privacy/promises.ts';
import { CATALOGUE } from '../../protocol/errors.ts';
import { sharedAuthority } from '../support/authority.ts';
import { callApi } from '../support/cloud.ts';
import { type CloudProcess, spawnCloud } from '../support/cloud-process.ts';
import { type Compiled, compile } from '../support/compiled.ts';

const CAPTURE = new URL('../../fixtures/demo/dhcp.pcap', import.meta.url).pathname;
const PASSWORD = 'a-password-that-nobody-logs';
const ANNA = 'anna.canary@example.org';
const BEN = 'ben.canary@example.org';

let compiled: Compiled;
let home: string;
let cloud: CloudProcess;
let serial: string;
/** Whom the capture is of, as tshark reads it. */
let people: { mac: string; hostName: string };
let logs = '';

function airherd(args: string[], { input = '', env = {} }: { input?: string; env?: NodeJS.ProcessEnv } = {}) {
  const environment = { ...process.env, AIRHERD_HOME: home, ...env };
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiled.main, ...args], {
    env: environment,
    encoding: 'utf8',
    input,
  });
  logs += stderr;
  return { status, stdout, stderr };
}
function ok(args: string[], input?: string): string {
  const { status, stdout, stderr } = airherd(args, { input });
  expect([args.join(' '), status, stderr]).toEqual([args.join(' '), 0, '']);
  return stdout;
}
function refused(args: string[], code: keyof typeof CATALOGUE, input?: string): void {
  const { status, stderr } = airherd(args, { input });
  expect(stderr).toMatch(new RegExp(`^airherd: ${code}: [^\\n]+\\n$`));
  expect(status).toBe(CATALOGUE[code].exit);
}
const start = () => spawnCloud(compiled.main, home, ['--log-level', 'info']);
const entries = (
  ...args: string[]
): { action: string; outcome: string; actor: { name: string } | null; detail: unknown }[] =>
  JSON.parse(ok(['cloud', 'audit', 'list', '--json', ...args]));

beforeAll(async () => {
  compiled = compile();
  home = mkdtempSync(join(tmpdir(), 'airherd-commands-'));
  cpSync((await sharedAuthority()).dir, join(home, 'ca'), { recursive: true });
  ok(['device', 'create', '--kind', 'ap']);
  serial = String(readdirSync(join(home, 'devices')).find((name) => name.startsWith('AH')));
  ok(['device', 'claim', serial, '--org', 'Example', '--site', 'Hall']);
  cloud = await start();
  const fields = [
    '-T',
    'fields',
    '-e',
    'dhcp.hw.mac_addr',
    '-e',
    'dhcp.option.hostname',
    '-Y',
    'dhcp.option.hostname',
  ];
  const [mac, hostName] = execFileSync('tshark', ['-r', CAPTURE, ...fields], { encoding: 'utf8' })
    .split('\n')[0]
    .split('\t');
  people = { mac: mac.split(',')[0], hostName };
  const agent = airherd([
    ...[
      'agent',
      '--identity',
      join(home, 'devices', serial),
      '--cloud',
      `mqtts://127.0.0.1:${cloud.devicePort}`,
    ],
    ...['--source', `file:${CAPTURE}`, '--exit-when-done', '--outbox', 'memory', '--log-level', 'info'],
  ]);
  expect(agent.status).toBe(0);
});
afterAll(async () => {
  await cloud?.end('SIGTERM');
  rmSync(home, { recursive: true, force: true });
});

describe('user', () => {
  test('add, list, remove; the last administrator stays', () => {
    expect(ok(['user', 'add', ANNA, '--role', 'admin', '--name', 'Anna'], PASSWORD)).toBe(
      `${ANNA} has the role admin\n`,
    );
    ok(['user', 'add', BEN, '--role', 'installer', '--site', 'Hall'], `${PASSWORD}\n`);
    const listed = ok(['user', 'list']);
    expect(listed).toMatch(/^anna\.canary@example\.org +Anna +admin$/m);
    expect(listed).toMatch(/^ben\.canary@example\.org +installer at a site$/m);
    expect(JSON.parse(ok(['user', 'list', '--json'])).map(({ email }: { email: string }) => email)).toEqual([
      ANNA,
      BEN,
    ]);
    refused(['user', 'remove', ANNA], 'api-refused');
    ok(['user', 'remove', BEN]);
    expect(ok(['user', 'list'])).not.toContain(BEN);
  });

  test('what is wrong is one line: a weak password, an unknown site, nobody of that name, no role', () => {
    refused(['user', 'add', 'x@example.org', '--role', 'read'], 'api-refused', 'short');
    refused(
      ['user', 'add', 'x@example.org', '--role', 'read', '--site', 'Nowhere'],
      'usage-invalid',
      PASSWORD,
    );
    refused(['user', 'remove', 'nobody@example.org'], 'user-unknown');
    refused(['user', 'add', 'x@example.org'], 'usage-invalid', PASSWORD);
  });

  test('who was removed is in the log by an id that names nobody; who is there still, by name', async () => {
    const log = entries('--org', 'Example');
    const text = JSON.stringify(log);
    expect(text).toContain(ANNA);
    expect(text).not.toContain(BEN);
    const removal = log.filter(({ action }) => action === 'DELETE /api/v1/orgs/:orgId/admins/:adminId');
    expect(removal.map(({ outcome }) => outcome)).toEqual(['done', 'begun', 'failed', 'begun']);
    expect(log.filter(({ detail }) => detail === null).length).toBeGreaterThan(0);
    expect(ok(['cloud', 'audit', 'verify', '--org', 'Example'])).toMatch(/are whole/);
  });

  test("the vendor's staff", () => {
    ok(['user', 'add', 'staff@vendor.example', '--support'], PASSWORD);
    expect(ok(['user', 'list', '--support'])).toContain('staff@vendor.example');
    ok(['user', 'remove', 'staff@vendor.example', '--support']);
    expect(ok(['user', 'list', '--support'])).not.toContain('staff@vendor.example');
    expect(JSON.stringify(entries())).not.toContain('staff@vendor.example');
  });
});

describe('token', () => {
  const self = async (key: string) => (await callApi(cloud, key.trim(), '/api/v1/self')).status;

  test('create prints the key once; list shows where from and until when; revoke voids it', async () => {
    const key = ok([
      'token',
      'create',
      '--role',
      'read',
      '--name',
      'exporter',
      '--from',
      '127.0.0.0/8',
      '--days',
      '90',
    ]);
    const away = ok([
      'token',
      'create',
      '--role',
      'read',
      '--name',
      'away',
      '--from',
      '192.0.2.0/24',
      '198.51.100.7',
    ]);
    expect([await self(key), await self(away)]).toEqual([200, 401]);
    const listed = ok(['token', 'list']);
    expect(listed).toMatch(/exporter +read +127\.0\.0\.0\/8 +\d{4}-\d{2}-\d{2}/);
    expect(listed).not.toContain(key.trim());
    const [{ id }] = JSON.parse(ok(['token', 'list', '--json']));
    ok(['token', 'revoke', id]);
    expect(await self(key)).toBe(401);
    refused(['token', 'revoke', id], 'api-refused');
    refused(['token', 'create', '--role', 'read', '--name', 'x', '--from', 'everywhere'], 'api-refused');
  });

  test('works from elsewhere: --cloud with --token-file and --ca', () => {
    const key = ok(['token', 'create', '--role', 'admin', '--name', 'remote']);
    const file = join(home, 'token');
    writeFileSync(file, key, { mode: 0o600 });
    writeFileSync(join(home, 'trust.pem'), cloud.trustPem.join(''));
    const there = ['--cloud', `https://127.0.0.1:${cloud.apiPort}`, '--ca', join(home, 'trust.pem')];
    expect(ok(['user', 'list', ...there, '--token-file', file])).toContain(ANNA);
    refused(['user', 'list', ...there], 'usage-invalid');
  });

  test("the operator's: the first one can be seen and revoked", () => {
    const listed = JSON.parse(ok(['token', 'list', '--operator', '--json']));
    const bootstrap = listed.find(({ name }: { name: string }) => name === 'bootstrap');
    ok(['token', 'revoke', bootstrap.id, '--operator']);
    expect(ok(['token', 'list', '--operator'])).not.toContain('bootstrap');
  });
});

describe('support', () => {
  test('shows, switches off, and on until a time', () => {
    expect(ok(['cloud', 'support'])).toBe('open to support staff\n');
    expect(ok(['cloud', 'support', 'off'])).toBe('closed to support staff\n');
    expect(ok(['cloud', 'support'])).toBe('closed to support staff\n');
    expect(ok(['cloud', 'support', 'on', '--for', '2h'])).toMatch(/^open to support staff until \d{4}-/);
    const puts = entries('--org', 'Example').filter(({ action }) => action.endsWith('/support'));
    expect(puts.map(({ outcome }) => outcome)).toEqual(['done', 'begun', 'done', 'begun']);
  });
});

describe('audit', () => {
  test('what was done past the API, on this machine, is in it too', () => {
    ok(['device', 'create', '--kind', 'ap']);
    const [other] = readdirSync(join(home, 'devices')).filter(
      (name) => name.startsWith('AH') && name !== serial,
    );
    ok(['device', 'claim', other, '--org', 'Example', '--site', 'Hall']);
    ok(['device', 'rotate-key', other]);
    ok(['device', 'revoke', other]);
    const local = entries('--org', 'Example').filter(({ action }) => action.startsWith('device '));
    expect(local.slice(0, 6).map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      ...['device revoke done', 'device revoke begun', 'device rotate-key done', 'device rotate-key begun'],
      ...['device claim done', 'device claim begun'],
    ]);
    expect(local[0].actor?.name).toMatch(/./);
  });

  test('verify prints a head, and holds the log to one that was noted', () => {
    const [, head] = /^head (\S+)$/m.exec(ok(['cloud', 'audit', 'verify'])) ?? [];
    expect(JSON.parse(ok(['cloud', 'audit', 'verify', '--head', head, '--json'])).ok).toBe(true);
    const forged = `${head.split(':')[0]}:${'0'.repeat(64)}`;
    const { status, stderr } = airherd(['cloud', 'audit', 'verify', '--head', forged]);
    expect(stderr).toMatch(/^airherd: audit-broken: /);
    expect(status).toBe(CATALOGUE['audit-broken'].exit);
  });
});

describe('privacy', () => {
  test('promises need no cloud; each is named with its test', () => {
    const listed = ok(['privacy', 'promises']);
    for (const {
      id,
      test: { file },
    } of PROMISES)
      expect(listed).toMatch(new RegExp(`^${id}  [\\s\\S]*${file}`, 'm'));
    expect(JSON.parse(ok(['privacy', 'promises', '--json']))).toEqual(JSON.parse(JSON.stringify(PROMISES)));
  });

  test('export, erase, and nothing left to export; the notice is a page', () => {
    const mac = ['--mac', people.mac];
    expect(ok(['privacy', 'export', ...mac])).toContain(people.hostName);
    expect(JSON.stringify(JSON.parse(ok(['privacy', 'export', ...mac, '--json'])))).toContain(
      people.hostName,
    );
    expect(ok(['privacy', 'erase', ...mac])).toMatch(/^records +[1-9]\d* removed$/m);
    expect(ok(['privacy', 'export', ...mac])).not.toContain(people.hostName);
    expect(ok(['privacy', 'notice'])).toMatch(/^<!doctype html>/);
  });
});

describe('keys and backups', () => {
  const master = () => readFileSync(join(home, 'cloud', 'master.key'));

  test('rotate-master and rotate-org while the cloud runs, and it starts again with the new ones', async () => {
    const before = master();
    expect(ok(['cloud', 'rotate-master'])).toBe('the master key is another one now\n');
    expect(master().equals(before)).toBe(false);
    expect(ok(['cloud', 'rotate-org'])).toBe('the organisation has another key now\n');
    await cloud.end('SIGTERM');
    logs += cloud.log();
    cloud = await start();
    expect(ok(['user', 'list'])).toContain(ANNA);
    expect(ok(['cloud', 'audit', 'verify', '--org', 'Example'])).toMatch(/are whole/);
    expect(
      entries().some(({ action, outcome }) => action === 'cloud rotate-master' && outcome === 'done'),
    ).toBe(true);
  });

  test('a master key from a command, and from a file; the folder has none then', async () => {
    const next = join(home, 'elsewhere.key');
    writeFileSync(next, Buffer.alloc(32, 5), { mode: 0o600 });
    const command = `command:cat ${next} | od -An -v -tx1 | tr -d ' \\n'`;
    expect(ok(['cloud', 'rotate-master', '--to', command])).toContain('both master keys open the keyring');
    await cloud.end('SIGTERM');
    logs += cloud.log();
    const elsewhere = { AIRHERD_MASTER_KEY_FROM: `file:${next}` };
    expect(airherd(['cloud', 'rotate-master', '--settle'], { env: elsewhere }).status).toBe(0);
    // The one in the folder opens nothing any more.
    const { status, stderr } = airherd(['cloud', '--port', '0', '--api-port', '0']);
    expect([status, stderr]).toEqual([
      CATALOGUE['store-damaged'].exit,
      expect.stringMatching(/^airherd: store-damaged: [^\n]+\n$/),
    ]);
    writeFileSync(join(home, 'cloud', 'master.key'), Buffer.alloc(32, 5), { mode: 0o600 });
    cloud = await start();
    expect(ok(['user', 'list'])).toContain(ANNA);
  });

  test('backup while it runs; destroy-org; restore keeps the destroyed destroyed', async () => {
    const file = join(home, 'backup');
    expect(ok(['cloud', 'backup', file])).toMatch(/: \d+ stores, \d+ bytes\n$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    refused(['cloud', 'restore', file], 'store-in-use');
    refused(['cloud', 'destroy-org', 'Exam'], 'usage-invalid');
    expect(ok(['cloud', 'destroy-org', 'Example'])).toContain('is destroyed');
    await cloud.end('SIGTERM');
    logs += cloud.log();
    expect(ok(['cloud', 'restore', file])).toMatch(/^restored 0 organisations/);
    cloud = await start();
    refused(['user', 'list'], 'usage-invalid');
    expect(entries().map(({ action }) => action)).toContain('cloud restore');
  });
});

test('all that the cloud and the commands logged at info holds nobody: no name, address, password, key', async () => {
  await cloud.end('SIGTERM');
  logs += cloud.log();
  cloud = await start();
  const plainMac = people.mac.replaceAll(':', '');
  for (const canary of [ANNA, BEN, 'canary', PASSWORD, people.hostName, people.mac, plainMac, 'exporter']) {
    expect([canary, logs.toLowerCase().includes(canary.toLowerCase())]).toEqual([canary, false]);
  }
  // The control: it is their log.
  expect(logs.length).toBeGreaterThan(200);
});
