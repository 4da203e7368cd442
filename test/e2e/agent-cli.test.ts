/** What somebody sees who runs `airherd agent` and `airherd login` with good and bad input. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Authority } from '../../certs/authority.ts';
import { type Identity, saveIdentity } from '../../certs/identity.ts';
import { IDENTITY_FILE } from '../../certs/identity-text.ts';
import { manufacture } from '../../certs/manufacture.ts';
import { freePort } from '../../platform/node/free-port.ts';
import { hashPassword } from '../../platform/node/status-page.ts';
import { fakeCloud } from '../support/agent-lab.ts';
import { sharedAuthority } from '../support/authority.ts';
import { type Compiled, compile } from '../support/compiled.ts';
import type { FakeCloud, FakeCloudOptions } from '../support/fake-cloud.ts';

const capture = (name: string) => new URL(`../../fixtures/demo/${name}`, import.meta.url).pathname;

let compiled: Compiled;
let authority: Authority;
let identity: Identity;
let switchIdentity: Identity;
let dir: string;
let folder: string;
const clouds: FakeCloud[] = [];

beforeAll(async () => {
  compiled = compile();
  authority = await sharedAuthority();
  [identity] = await manufacture({ kind: 'ap', count: 1, authority, nowMs: Date.now() });
  [switchIdentity] = await manufacture({ kind: 'switch', count: 1, authority, nowMs: Date.now() });
});
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'airherd-cli-'));
  folder = join(dir, identity.serial);
  await saveIdentity(folder, identity);
});
afterEach(async () => {
  for (const cloud of clouds.splice(0)) await cloud.close();
  rmSync(dir, { recursive: true, force: true });
});

async function cloudWith(options: Partial<FakeCloudOptions> = {}, of = identity): Promise<FakeCloud> {
  const cloud = await fakeCloud(authority, of, options);
  clouds.push(cloud);
  return cloud;
}

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

function airherd(args: string[], environment: Record<string, string> = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const env = { ...process.env, AIRHERD_HOME: dir, ...environment };
    execFile(
      process.execPath,
      [compiled.main, ...args],
      { env, timeout: 20_000 },
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
      },
    );
  });
}

/** One line that begins with the code, and no stack. */
function expectOneLine({ stderr }: Ran, code: string): void {
  const lines = stderr.trim().split('\n');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(new RegExp(`^airherd: ${code}: .+`));
}

describe('airherd login --dry-run', () => {
  test('names every step, and sends nothing', async () => {
    const cloud = await cloudWith();
    const ran = await airherd(['login', '--dry-run', '--identity', folder, '--cloud', cloud.url]);
    expect(ran.code).toBe(0);
    for (const step of ['dialing', 'connecting', 'subscribing', 'proving', 'welcomed']) {
      expect(ran.stdout).toContain(step);
    }
    expect(ran.stdout).toContain(`${identity.serial} can log in`);
    expect(cloud.received).toEqual([]);
    for (const secret of [identity.factoryKey.toString('hex'), identity.factoryKey.toString('base64')]) {
      expect(ran.stdout + ran.stderr).not.toContain(secret);
    }
  });

  test.each<[string, Partial<FakeCloudOptions>, string, string, number]>([
    ['the cloud refuses the proof', { connackCode: 4 }, 'connecting', 'login-refused', 4],
    ['the cloud is not proven', { auth: () => Buffer.alloc(53) }, 'proving', 'cloud-unproven', 4],
    ['the subscription is refused', { subackCode: 128 }, 'subscribing', 'login-refused', 4],
    ['TLS fails', { tls: { ciphers: 'TLS_AES_256_GCM_SHA384' } }, 'dialing', 'tls-refused', 4],
  ])('%s', async (_, options, failedAt, code, exit) => {
    const cloud = await cloudWith(options);
    const args = ['login', '--dry-run', '--json', '--identity', folder, '--cloud', cloud.url];
    const ran = await airherd(args);
    expect(ran.code).toBe(exit);
    expectOneLine(ran, code);
    expect(JSON.parse(ran.stdout)).toMatchObject({ ok: false, failedAt, error: { code } });
  });

  test('nobody there', async () => {
    const cloud = await cloudWith();
    const { url } = cloud;
    await cloud.close();
    const ran = await airherd(['login', '--dry-run', '--identity', folder, '--cloud', url]);
    expect(ran.code).toBe(5);
    expectOneLine(ran, 'cloud-unreachable');
  });
});

describe('airherd agent', () => {
  test('streams a capture, waits until it is stored, and says so in JSON', async () => {
    const cloud = await cloudWith();
    const ran = await airherd([
      ...['agent', '--identity', folder, '--cloud', cloud.url, '--source', `file:${capture('lldp.pcap')}`],
      ...['--exit-when-done', '--json', '--trace'],
    ]);
    expect(ran.code).toBe(0);
    const summary = JSON.parse(ran.stdout);
    expect(summary).toMatchObject({
      serial: identity.serial,
      logins: 1,
      error: null,
      outbox: { pending: 0 },
    });
    expect(ran.stderr).toContain('CONNECT with factory-key proof');
    expect(ran.stderr).toContain('open');
    expect(ran.stderr).not.toContain(identity.factoryKey.toString('hex'));
    expect(ran.stderr).not.toContain('PRIVATE KEY');
  });

  test('all that is wrong with a configuration is said at once, before a socket is opened', async () => {
    const cloud = await cloudWith();
    const config = join(dir, 'agent.yaml');
    writeFileSync(config, 'colour: red\nbackoff: { minMs: 0 }\n');
    const ran = await airherd(['agent', '--identity', folder, '--cloud', cloud.url, '--config', config], {
      AIRHERD_AGENT_OUTBOX_LIMIT_BYTES: 'plenty',
    });
    expect(ran.code).toBe(2);
    expectOneLine(ran, 'config-invalid');
    for (const part of ['colour', 'backoff.minMs', 'outbox.limitBytes']) expect(ran.stderr).toContain(part);
    expect(cloud.connections).toBe(0);
  });

  test('a source that is none, and a capture that is none', async () => {
    const cloud = await cloudWith();
    const agent = ['agent', '--identity', folder, '--cloud', cloud.url, '--exit-when-done'];
    const unknown = await airherd([...agent, '--source', 'smoke:signals']);
    expect(unknown.code).toBe(2);
    expectOneLine(unknown, 'usage-invalid');
    const notCapture = await airherd([...agent, '--source', `file:${join(folder, IDENTITY_FILE)}`]);
    expect(notCapture.code).toBe(6);
    expect(notCapture.stderr).toContain('airherd: capture-not:');
    const missing = await airherd([...agent, '--source', `file:${join(dir, 'none.pcap')}`]);
    expect(missing.code).toBe(6);
    expect(missing.stderr).toContain('airherd: input-missing:');
  });

  test('SIGTERM sends what is left, says goodbye and ends with 0', async () => {
    const cloud = await cloudWith();
    const child = spawn(
      process.execPath,
      [compiled.main, 'agent', '--identity', folder, '--cloud', cloud.url, '--outbox', 'memory', '--json'],
      { env: { ...process.env, AIRHERD_HOME: dir } },
    );
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    await cloud.until(() => cloud.of('hello').length > 0);
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    expect(cloud.packets).toContain('disconnect');
    expect(JSON.parse(stdout).outbox.pending).toBe(0);
  });

  test('two agents do not share an outbox', async () => {
    const cloud = await cloudWith();
    const args = [compiled.main, 'agent', '--identity', folder, '--cloud', cloud.url];
    const child = spawn(process.execPath, args, { env: { ...process.env, AIRHERD_HOME: dir } });
    await cloud.until(() => cloud.of('hello').length > 0);
    const ran = await airherd(['agent', '--identity', folder, '--cloud', cloud.url, '--for', '1s']);
    expect(ran.code).toBe(7);
    expectOneLine(ran, 'outbox-damaged');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const again = await airherd(['agent', '--identity', folder, '--cloud', cloud.url, '--for', '1s']);
    expect(again.code).toBe(0);
  });

  test('a run that never got in has failed', async () => {
    const cloud = await cloudWith({ factoryKey: Buffer.alloc(32), trusting: true });
    const ran = await airherd(['agent', '--identity', folder, '--cloud', cloud.url, '--for', '2s']);
    expect(ran.code).toBe(4);
    expect(ran.stderr).toContain('airherd: cloud-unproven:');
    expect(cloud.received).toEqual([]);
  });
});

describe('status page', () => {
  const status = (port: number) =>
    `status:\n  listen: 127.0.0.1:${port}\n  user: admin\n  passwordHash: ${hashPassword('correct horse', Buffer.alloc(16, 3))}\n`;
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

  test('a switch shows its health to who knows the password, read-only', async () => {
    const cloud = await cloudWith({}, switchIdentity);
    const own = join(dir, switchIdentity.serial);
    await saveIdentity(own, switchIdentity);
    const port = await freePort();
    const config = join(dir, 'switch.yaml');
    writeFileSync(config, status(port));
    const child = spawn(
      process.execPath,
      [compiled.main, 'agent', '--identity', own, '--cloud', cloud.url, '--config', config, '--trace'],
      { env: { ...process.env, AIRHERD_HOME: dir } },
    );
    const lines = createInterface({ input: child.stderr });
    await cloud.until(() => cloud.of('hello').length > 0);
    const url = `http://127.0.0.1:${port}/`;
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(url, { headers: basic('admin:wrong') })).status).toBe(401);
    expect((await fetch(url, { headers: basic('other:correct horse') })).status).toBe(401);
    expect((await fetch(url, { method: 'POST', headers: basic('admin:correct horse') })).status).toBe(405);
    expect((await fetch(`${url}etc/passwd`, { headers: basic('admin:correct horse') })).status).toBe(404);
    const page = await fetch(url, { headers: basic('admin:correct horse') });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain(switchIdentity.serial);
    lines.close();
    child.kill('SIGTERM');
    await once(child, 'exit');
  });

  test('an access point has none', async () => {
    const config = join(dir, 'ap.yaml');
    writeFileSync(config, status(await freePort()));
    const ran = await airherd([
      ...['agent', '--identity', folder, '--cloud', 'mqtts://127.0.0.1:9', '--config', config, '--for', '1s'],
    ]);
    expect(ran.code).toBe(2);
    expectOneLine(ran, 'config-invalid');
  });
});
