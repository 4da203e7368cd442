/** `airherd cloud check` against clouds as they should be, and against ones that are wrong in one way each. */
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttps, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueServer } from '../../certs/issue-server.ts';
import { HELLO_VERSIONS, serverHello } from '../../cli/cloud-check/client-hello.ts';
import { checkFiles } from '../../cli/cloud-check/files.ts';
import type { Finding } from '../../cli/cloud-check/finding.ts';
import { checkListener } from '../../cli/cloud-check/listener.ts';
import { checkPorts } from '../../cli/cloud-check/ports.ts';
import { checkConfiguration } from '../../cli/cloud-check/settings.ts';
import { suiteName } from '../../cli/cloud-check/suites.ts';
import { spokenIn } from '../../cli/cloud-check/tls.ts';
import { DEFAULT_API_LIMITS } from '../../cloud-stub/configuration.ts';
import { DEFAULT_LIMITS } from '../../cloud-stub/limits.ts';
import type { ListenerName, OpenListener } from '../../cloud-stub/listeners.ts';
import { sharedAuthority } from '../support/authority.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { type CloudProcess, spawnCloud } from '../support/cloud-process.ts';
import { type Compiled, compile } from '../support/compiled.ts';

const run = promisify(execFile);

let lab: TestCloud;
let folder: string;
const servers: Server[] = [];
beforeAll(async () => {
  lab = await testCloud();
  folder = mkdtempSync(join(tmpdir(), 'airherd-check-'));
});
afterAll(async () => {
  for (const server of servers) server.close();
  await lab.stop();
  rmSync(folder, { recursive: true, force: true });
});

const check = async (
  name: ListenerName,
  port: number,
  options: Partial<Parameters<typeof checkListener>[0]> = {},
) =>
  checkListener({
    listener: { name, host: '127.0.0.1', port, minVersion: name === 'API' ? 'TLSv1.2' : 'TLSv1.3' },
    endpoint: { host: '127.0.0.1', port },
    trustPem: lab.cloud.trustPem,
    serverName: 'localhost',
    nowMs: Date.now(),
    ...options,
  });
const idsOf = (findings: readonly Finding[], level: Finding['level']) =>
  findings.filter((finding) => finding.level === level).map(({ id }) => id);

/** An HTTPS server that is as careless as its options. */
async function careless(options: ServerOptions, headers: Record<string, string> = {}): Promise<number> {
  const authority = await sharedAuthority();
  const issued = await issueServer(authority, {
    names: ['localhost'],
    days: 30,
    nowMs: Date.now(),
    keyType: 'rsa2048',
  });
  const server = createHttps(
    { cert: issued.certificatePem, key: issued.privateKeyPem, ...options },
    (_request, response) => response.writeHead(200, { ...headers, Server: 'careless/1.0' }).end('hello'),
  );
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('a cloud as it should be', () => {
  test('has nothing wrong on either listener', async () => {
    const device = await check('device link', lab.cloud.devicePort);
    const api = await check('API', lab.cloud.apiPort);
    expect([...idsOf(device, 'wrong'), ...idsOf(api, 'wrong')]).toEqual([]);
    expect(device.length).toBeGreaterThanOrEqual(10);
    expect(api.length).toBeGreaterThanOrEqual(20);
  });

  test('TLS 1.2 on the device link is advice where it was switched on, wrong where it was not', async () => {
    const old = await testCloud({ minVersion: 'TLSv1.2' });
    const listener: OpenListener = {
      name: 'device link',
      host: '127.0.0.1',
      port: old.cloud.devicePort,
      minVersion: 'TLSv1.2',
    };
    const told = await check('device link', old.cloud.devicePort, { listener });
    expect([idsOf(told, 'advice'), idsOf(told, 'wrong')]).toEqual([['device-link.versions'], []]);
    expect(idsOf(await check('device link', old.cloud.devicePort), 'wrong')).toEqual([
      'device-link.versions',
    ]);
    await old.stop();
  });
});

describe('listeners that are wrong in one way each', () => {
  const cases: [what: string, name: ListenerName, options: ServerOptions, wrong: string[]][] = [
    [
      'old versions',
      'API',
      { minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' },
      ['api.versions', 'api.suites'],
    ],
    [
      'AES-128 where AES-256 is promised',
      'API',
      { ciphers: 'TLS_AES_128_GCM_SHA256', minVersion: 'TLSv1.3' },
      ['api.suites'],
    ],
    [
      'AES-256 where AES-128 is promised',
      'device link',
      { ciphers: 'TLS_AES_256_GCM_SHA384', minVersion: 'TLSv1.3' },
      ['device-link.suites'],
    ],
    [
      'no client certificate asked for',
      'device link',
      { minVersion: 'TLSv1.3' },
      ['device-link.client-certificate', 'device-link.key'],
    ],
    [
      'sessions resumed, renegotiation, no security headers, a telltale one, no 401, no rate, bodies of any kind',
      'API',
      {},
      [
        ...[
          'resumption',
          'session-tickets',
          'renegotiation',
          'headers',
          'headers-of-errors',
          'telltale',
          'closed',
        ],
        ...['rate', 'compressed-bodies'],
      ].map((id) => `api.${id}`),
    ],
  ];
  test.each(cases)('%s', async (_what, name, options, wrong) => {
    const found = await check(name, await careless(options));
    expect(idsOf(found, 'wrong')).toEqual(expect.arrayContaining(wrong));
    for (const { level, mend } of found) expect(mend === null).toBe(level === 'ok');
  });

  test('pages of other sites may read it', async () => {
    const port = await careless({}, { 'Access-Control-Allow-Origin': '*' });
    expect(idsOf(await check('API', port), 'wrong')).toContain('api.cross-origin');
  });

  test('a certificate of another name, of another authority, that has ended', async () => {
    const ids = async (options: Partial<Parameters<typeof checkListener>[0]>) =>
      idsOf(await check('API', lab.cloud.apiPort, options), 'wrong');
    expect(await ids({ serverName: 'cloud.example' })).toEqual(['api.chain']);
    expect(await ids({ trustPem: [] })).toEqual(['api.chain']);
    expect(await ids({ nowMs: Date.now() + 91 * 86_400_000 })).toEqual(['api.chain', 'api.expiry']);
    expect(
      idsOf(await check('API', lab.cloud.apiPort, { nowMs: Date.now() + 80 * 86_400_000 }), 'advice'),
    ).toEqual(['api.expiry']);
  });

  test('nobody there, and something that is no TLS', async () => {
    const mute = createTcp((socket) =>
      socket
        .on('error', () => {})
        .end('hello\r\n')
        .resume(),
    );
    servers.push(mute);
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = mute.address() as AddressInfo;
    expect(idsOf(await check('API', port), 'wrong')).toEqual(
      expect.arrayContaining(['api.versions', 'api.certificate']),
    );
    await new Promise((resolve) => mute.close(resolve));
    expect(idsOf(await check('API', port), 'wrong')).toEqual(['api.reachable']);
  });
});

test('the suites that it finds are those that nmap finds', async () => {
  const port = await careless({ minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' });
  const { stdout } = await run('nmap', [
    '-Pn',
    '-p',
    String(port),
    '--script',
    'ssl-enum-ciphers',
    '127.0.0.1',
  ]);
  const [, ...sections] = stdout.split(/^\| {3}(TLSv1\.\d|SSLv3): $/m);
  for (const version of ['TLSv1.0', 'TLSv1.1', 'TLSv1.2']) {
    const section = sections[sections.indexOf(version) + 1];
    const theirs = [...section.matchAll(/^\| {7}(TLS_\w+)/gm)].map(([, name]) => name);
    const ours = await spokenIn(
      { host: '127.0.0.1', port },
      version === 'TLSv1.0' ? 'TLSv1' : (version as 'TLSv1.1'),
    );
    expect(theirs.length).toBeGreaterThan(5);
    const names = ours?.suites.map(suiteName) ?? [];
    // nmap 7.93 does not ask for the ARIA and CCM suites of every kind: what it finds, we find.
    expect(names).toEqual(expect.arrayContaining(theirs.filter((name) => !name.includes('SCSV'))));
  }
});

test('what a hostile server answers is refused or waited for, and never throws', () => {
  const good = Buffer.concat([
    Buffer.from('160303002f0200002b0303', 'hex'),
    Buffer.alloc(32, 7),
    Buffer.from('00c03000000003ff010001'.slice(0, 14), 'hex'),
  ]);
  for (let length = 0; length <= good.length; length++) serverHello(good.subarray(0, length));
  for (let at = 0; at < good.length; at++) {
    for (const value of [0, 1, 0x7f, 0xff]) {
      const bytes = Buffer.from(good);
      bytes[at] = value;
      serverHello(bytes);
    }
  }
  expect(serverHello(Buffer.from('HTTP/1.1 400 Bad Request'))).toBe('refused');
  expect(serverHello(Buffer.from('15030100020228', 'hex'))).toBe('refused');
  expect(Object.keys(HELLO_VERSIONS)).toHaveLength(5);
});

describe('ports, files, settings', () => {
  test('a port that is documented nowhere', async () => {
    const surplus = createTcp();
    servers.push(surplus);
    await new Promise<void>((resolve) => surplus.listen(0, '127.0.0.1', resolve));
    const { port } = surplus.address() as AddressInfo;
    const [finding] = checkPorts(process.pid, []);
    expect(finding).toMatchObject({
      id: 'ports.open',
      level: 'wrong',
      text: expect.stringContaining(`${port}/tcp`),
    });
    expect(checkPorts(2 ** 22 + 1, [])[0].level).toBe('advice');
  });

  test('files and folders that others may read', () => {
    const cloud = join(folder, 'cloud');
    mkdirSync(join(cloud, 'orgs'), { recursive: true, mode: 0o700 });
    chmodSync(cloud, 0o700);
    writeFileSync(join(cloud, 'orgs', 'x.db'), '', { mode: 0o600 });
    const levels = (source: string) =>
      checkFiles({ cloud, ca: join(folder, 'none') }, source).map(({ id, level }) => `${id} ${level}`);
    expect(levels('command')).toEqual(['files.cloud ok', 'files.master-key ok']);
    writeFileSync(join(cloud, 'master.key'), Buffer.alloc(32), { mode: 0o600 });
    expect(levels('command')).toEqual(['files.cloud ok', 'files.master-key advice']);
    expect(levels('folder')).toEqual(['files.cloud ok', 'files.master-key advice']);
    chmodSync(join(cloud, 'orgs', 'x.db'), 0o640);
    expect(levels('folder')[0]).toBe('files.cloud wrong');
    chmodSync(join(cloud, 'orgs', 'x.db'), 0o600);
    chmodSync(join(cloud, 'orgs'), 0o755);
    expect(levels('folder')[0]).toBe('files.cloud wrong');
  });

  test('limits that bound nothing, and a log that holds personal data', () => {
    const configuration = {
      listeners: [],
      limits: DEFAULT_LIMITS,
      api: DEFAULT_API_LIMITS,
      masterKey: 'folder',
      logLevel: 'info',
      storeQuotaBytes: null,
    };
    const levels = (change: object) =>
      checkConfiguration({ ...configuration, ...change }).map(({ level }) => level);
    expect(levels({})).toEqual(['ok', 'ok']);
    expect(levels({ api: { ...DEFAULT_API_LIMITS, bodyBytes: 2 ** 30 } })).toEqual(['wrong', 'ok']);
    expect(levels({ limits: { ...DEFAULT_LIMITS, bytesBeforeLogin: 2 ** 30 } })).toEqual(['wrong', 'ok']);
    expect(levels({ logLevel: 'debug' })).toEqual(['ok', 'advice']);
  });
});

describe('the command', () => {
  let compiled: Compiled;
  let home: string;
  let cloud: CloudProcess;
  beforeAll(async () => {
    compiled = compile();
    home = join(folder, 'home');
    cpSync((await sharedAuthority()).dir, join(home, 'ca'), { recursive: true });
    cloud = await spawnCloud(compiled.main, home, ['--log-level', 'info']);
    airherd('device', 'create', '--kind', 'ap', '--count', '1');
    const serial = String(readdirSync(join(home, 'devices')).find((name) => name.startsWith('AH')));
    airherd('device', 'claim', serial, '--org', 'Example', '--site', 'Hall');
  });
  afterAll(() => cloud.end('SIGTERM'));

  const airherd = (...args: string[]) => {
    const env = { ...process.env, AIRHERD_HOME: home };
    return spawnSync(process.execPath, [compiled.main, ...args], { env, encoding: 'utf8' });
  };

  test('says that all is well, with advice, and ends with 0; as JSON too', () => {
    const { status, stdout, stderr } = airherd('cloud', 'check');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^ok {6}device link: speaks TLSv1\.3, nothing older$/m);
    expect(stdout).toMatch(/\d+ checks: \d+ ok, \d+ advice, 0 wrong\n$/);
    const { ok, findings } = JSON.parse(airherd('cloud', 'check', '--json').stdout);
    expect(ok).toBe(true);
    const ids = findings.map(({ id }: Finding) => id);
    expect(ids).toEqual(
      expect.arrayContaining(['ports.open', 'files.cloud', 'settings.limits', 'settings.audit-log']),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(findings).toContainEqual(
      expect.objectContaining({
        id: 'example.support',
        level: 'advice',
        mend: expect.stringContaining('airherd cloud support off'),
      }),
    );
  });

  test('says what is wrong and how to mend it, and ends with 1', () => {
    chmodSync(join(home, 'cloud', 'registry.db'), 0o644);
    const { status, stdout, stderr } = airherd('cloud', 'check', '--quiet');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^airherd: cloud-unsafe: 1 of \d+ checks found something wrong, listed above\n$/);
    expect(stdout).toContain('WRONG   files: others may read');
    expect(stdout).toContain(`mend: chmod -R go= ${join(home, 'cloud')}`);
    expect(stdout).not.toMatch(/^ok/m);
    chmodSync(join(home, 'cloud', 'registry.db'), 0o600);
  });

  test('is of a cloud elsewhere too, by its address; without --ca its certificate is not trusted', () => {
    const operator = join(folder, 'token');
    writeFileSync(operator, cloud.token, { mode: 0o600 });
    writeFileSync(join(folder, 'ca.pem'), cloud.trustPem.join(''));
    const args = [
      'cloud',
      'check',
      '--json',
      '--cloud',
      `https://127.0.0.1:${cloud.apiPort}`,
      '--token-file',
      operator,
    ];
    const { ok, findings } = JSON.parse(airherd(...args, '--ca', join(folder, 'ca.pem')).stdout);
    expect(ok).toBe(true);
    expect(findings.map(({ id }: Finding) => id)).not.toContain('ports.open');
    expect(airherd(...args).stderr).toMatch(/^airherd: cloud-unreachable: /);
  });
});
