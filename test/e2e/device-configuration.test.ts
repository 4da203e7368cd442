/** Settings pushed to a device that runs, over its own link: taken over, refused, and rolled back when they cut it off. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CATALOGUE } from '../../protocol/errors.ts';
import { sharedAuthority } from '../support/authority.ts';
import { type CloudProcess, spawnCloud } from '../support/cloud-process.ts';
import { compile } from '../support/compiled.ts';
import { exchange } from '../support/raw-api.ts';

const { main } = compile();
const home = mkdtempSync(join(tmpdir(), 'airherd-configuration-'));
const env = { ...process.env, AIRHERD_HOME: home };
let cloud: CloudProcess;
let serial = '';
let agent: ChildProcess;
let said: string[] = [];
const listeners = new Set<() => void>();

async function airherd(...args: string[]) {
  const child = spawn(process.execPath, [main, ...args], { env });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (part) => {
    text.stdout += part;
  });
  child.stderr.on('data', (part) => {
    text.stderr += part;
  });
  const [status] = await once(child, 'close');
  return { status, ...text };
}
const config = (action: string, ...args: string[]) => airherd('device', 'config', action, serial, ...args);
const route = () => `/api/airherd/v1/devices/${serial}/configuration`;
/** As the device itself says. */
const settingsThatRun = async () =>
  JSON.parse((await airherd('device', 'support-bundle', serial)).stdout).settings;
const shown = async () => {
  const headers = { authorization: `Token ${cloud.token}` };
  return JSON.parse((await exchange(cloud, { path: route(), headers })).body.toString());
};

/** Resolves when the agent has said `count` lines that match, since it was started. */
async function says(pattern: RegExp, count = 1): Promise<void> {
  while (said.filter((line) => pattern.test(line)).length < count)
    await new Promise<void>((resolve) => listeners.add(resolve));
}

/** Local settings in a file: what the cloud sets is over them. */
async function startAgent(): Promise<void> {
  said = [];
  const settings = join(home, 'agent.yaml');
  const local = `cloud: { url: "mqtts://localhost:${cloud.devicePort}" }\nbackoff: { minMs: 50, maxMs: 200 }\n`;
  writeFileSync(settings, local);
  const words = ['agent', '--identity', join(home, 'devices', serial), '--config', settings, '--trace'];
  agent = spawn(process.execPath, [main, ...words], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  createInterface({ input: agent.stderr! }).on('line', (line) => {
    said.push(line);
    for (const resolve of listeners) resolve();
    listeners.clear();
  });
  await says(/→ open/);
}

async function stopAgent(signal: NodeJS.Signals): Promise<void> {
  if (agent.exitCode !== null || agent.signalCode !== null) return;
  agent.kill(signal);
  await once(agent, 'exit');
}

beforeAll(async () => {
  cpSync((await sharedAuthority()).dir, join(home, 'ca'), { recursive: true });
  execFileSync(process.execPath, [main, 'device', 'create', '--kind', 'ap'], { env });
  serial = String(readdirSync(join(home, 'devices')).find((name) => name.startsWith('AH')));
  await airherd('device', 'claim', serial, '--org', 'Example', '--site', 'Hall');
  cloud = await spawnCloud(main, home);
  await startAgent();
});
afterAll(async () => {
  await stopAgent('SIGTERM');
  await cloud.end('SIGTERM');
  rmSync(home, { recursive: true, force: true });
});

test('settings are taken over and confirmed, and are over the local ones', async () => {
  expect((await config('show')).stdout).toBe(
    `${serial} runs its local settings alone; nothing was ever configured\n`,
  );
  const { status, stdout } = await config(
    ...['set', 'report.statsMs=7000', 'report.repeatMs=60000', 'log.level=warn'],
  );
  expect({ status, stdout }).toEqual({ status: 0, stdout: `${serial}: configuration 1 is confirmed\n` });
  await says(
    /configuration 1 of the cloud is over the local settings: report.statsMs, report.repeatMs, log.level/,
  );
  expect(await shown()).toMatchObject({
    version: 1,
    running: 1,
    state: 'confirmed',
    settings: { report: { statsMs: 7000, repeatMs: 60_000 }, log: { level: 'warn' } },
  });
  expect(await settingsThatRun()).toMatchObject({
    report: { statsMs: 7000, repeatMs: 60_000 },
    log: { level: 'warn' },
    cloud: { url: `mqtts://localhost:${cloud.devicePort}` },
  });
});

test('the cloud refuses what no device could follow, all of it at once', async () => {
  const { status, stderr } = await config(
    'set',
    'report.statsMs=-1',
    'report.repeatMs=3600001',
    'log.level=loud',
    'capture.nonsense=1',
  );
  expect(status).toBe(CATALOGUE['api-refused'].exit);
  const [line, ...rest] = stderr.split('\n');
  for (const key of ['report.statsMs: ', 'report.repeatMs: ', 'log.level: ', '"nonsense"'])
    expect(line).toContain(key);
  expect(rest).toEqual(['']);
  expect((await shown()).version).toBe(1);
});

test('the device refuses what it cannot follow, says every reason, and runs on as it was', async () => {
  const { status, stderr } = await config(
    'set',
    'capture.sources=[file:/etc/passwd, "live:lo?nonsense=1", "live:lo"]',
  );
  expect(status).toBe(CATALOGUE['configuration-failed'].exit);
  expect(stderr).toMatch(/configuration-failed: .*refused.*file:\/etc\/passwd is no interface.*nonsense/);
  expect(await shown()).toMatchObject({ version: 2, running: 1, state: 'refused' });
});

test('one that cuts the device off is rolled back by the device itself, and reported', async () => {
  const opened = said.filter((line) => /→ open/.test(line)).length;
  const { status, stderr } = await config(
    ...['set', 'cloud.url=mqtts://localhost:1', 'report.repeatMs=5', 'capture.sources=', '--confirm', '1s'],
  );
  expect(status).toBe(CATALOGUE['configuration-failed'].exit);
  expect(stderr).toMatch(/rolled-back\): the cloud was not reached within the confirm-timeout/);
  await says(/! cloud-unreachable: cannot connect to localhost:1/);
  await says(/→ open/, opened + 1);
  const { version, running, state, settings } = await shown();
  expect({ version, running, state }).toEqual({ version: 3, running: 1, state: 'rolled-back' });
  expect(settings).toMatchObject({ cloud: { url: 'mqtts://localhost:1' }, report: { repeatMs: 5 } });
  expect((await settingsThatRun()).report).toMatchObject({ statsMs: 7000, repeatMs: 60_000 });
});

test('one under which the process is killed is rolled back when it starts again', async () => {
  const { stdout } = await config(
    ...['set', 'cloud.url=mqtts://localhost:2', '--confirm', '1h', '--no-wait'],
  );
  expect(stdout).toBe(`${serial}: configuration 4 is on its way\n`);
  await says(/! cloud-unreachable: cannot connect to localhost:2/);
  await stopAgent('SIGKILL');
  await startAgent();
  expect(said[0]).toBe(
    'airherd: configuration 4 of the cloud was rolled back: the device started anew before it was confirmed',
  );
  expect(said[1]).toContain('configuration 1 of the cloud is over the local settings');
  await says(/→ open/);
});

test('a device that is away takes it when it comes', async () => {
  await stopAgent('SIGTERM');
  const { stdout } = await config('set', 'cloud.url=', 'report.statsMs=9000');
  expect(stdout).toBe(`${serial}: configuration 5 is there when the device connects\n`);
  await startAgent();
  await says(/configuration 5 confirmed/);
});

test('it goes back to the settings before, as a new version', async () => {
  const { status, stdout } = await config('rollback');
  expect({ status, stdout }).toEqual({ status: 0, stdout: `${serial}: configuration 6 is confirmed\n` });
  const history = JSON.parse((await config('history', '--json')).stdout);
  expect(history.map(({ version, state }: { version: number; state: string }) => [version, state])).toEqual([
    [6, 'confirmed'],
    [5, 'confirmed'],
    [4, 'rolled-back'],
    [3, 'rolled-back'],
    [2, 'refused'],
    [1, 'confirmed'],
  ]);
  expect(history[0].settings).toEqual(history[5].settings);
});

test('who looked at an older version changes nothing, and every change is in the audit log', async () => {
  const put = (tag: string) =>
    exchange(cloud, {
      method: 'PUT',
      path: route(),
      headers: { authorization: `Token ${cloud.token}`, 'if-match': tag },
      body: JSON.stringify({ settings: { log: { level: 'error' } } }),
    });
  expect((await put('"5"')).status).toBe(412);
  expect((await put('5')).status).toBe(400);
  const { status, headers } = await put('"6"');
  expect({ status, etag: headers.etag }).toEqual({ status: 200, etag: '"7"' });
  await says(/configuration 7 confirmed/);
  const { stdout } = await airherd('cloud', 'audit', 'list', '--org', 'Example', '--json');
  expect(stdout).toContain(`PUT /api/airherd/v1/devices/:serial/configuration`);
});
