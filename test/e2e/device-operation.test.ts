/** What an operator has a running agent do: begin anew, show itself, say how it is; and what its own user does. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadIdentity } from '../../certs/identity.ts';
import { CATALOGUE } from '../../protocol/errors.ts';
import { sharedAuthority } from '../support/authority.ts';
import { type CloudProcess, spawnCloud } from '../support/cloud-process.ts';
import { compile } from '../support/compiled.ts';

const { main } = compile();
const home = mkdtempSync(join(tmpdir(), 'airherd-operation-'));
const env = { ...process.env, AIRHERD_HOME: home };
const settings = join(home, 'agent.yaml');
let cloud: CloudProcess;
let serial = '';
let agent: ChildProcess;
const said: string[] = [];
const listeners = new Set<() => void>();

function airherd(...args: string[]) {
  return spawnSync(process.execPath, [main, ...args], { env, encoding: 'utf8' });
}

/** Resolves when the agent has said `count` lines that match, since it was started. */
async function says(pattern: RegExp, count = 1): Promise<void> {
  while (said.filter((line) => pattern.test(line)).length < count)
    await new Promise<void>((resolve) => listeners.add(resolve));
}

beforeAll(async () => {
  cpSync((await sharedAuthority()).dir, join(home, 'ca'), { recursive: true });
  execFileSync(process.execPath, [main, 'device', 'create', '--kind', 'ap'], { env });
  serial = String(readdirSync(join(home, 'devices')).find((name) => name.startsWith('AH')));
  airherd('device', 'claim', serial, '--org', 'Example', '--site', 'Hall');
  cloud = await spawnCloud(main, home);
  writeFileSync(settings, 'report: { statsMs: 60000 }\nlog: { level: error }\n');
  agent = spawn(
    process.execPath,
    [
      main,
      'agent',
      '--identity',
      join(home, 'devices', serial),
      '--config',
      settings,
      '--trace',
      '--cloud',
      `mqtts://localhost:${cloud.devicePort}`,
    ],
    { env, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  createInterface({ input: agent.stderr! }).on('line', (line) => {
    said.push(line);
    for (const resolve of listeners) resolve();
    listeners.clear();
  });
  await says(/→ open/);
});
afterAll(async () => {
  if (agent.exitCode === null) {
    agent.kill('SIGTERM');
    await once(agent, 'exit');
  }
  await cloud.end('SIGTERM');
  rmSync(home, { recursive: true, force: true });
});

describe('an agent that runs', () => {
  test('makes itself known', async () => {
    const { status, stdout } = airherd('device', 'locate', serial, '--seconds', '5');
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${serial} makes itself known for 5 s\n` });
    await says(new RegExp(`this is ${serial}; somebody looks for it, for 5 s`));
  });

  test('gives a support bundle without a secret', async () => {
    const out = join(home, 'bundle.json');
    expect(airherd('device', 'support-bundle', serial, '--out', out).status).toBe(0);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const text = readFileSync(out, 'utf8');
    expect(JSON.parse(text)).toMatchObject({
      serial,
      session: 'open',
      runtime: { node: process.version },
      settings: { report: { statsMs: 60000 }, cloud: { url: `mqtts://localhost:${cloud.devicePort}` } },
      ledger: expect.arrayContaining([expect.objectContaining({ stream: 'hello' })]),
      events: expect.arrayContaining([expect.objectContaining({ type: 'state', state: 'open' })]),
    });
    const { factoryKey, privateKeyPem, claimCode } = await loadIdentity(join(home, 'devices', serial));
    for (const secret of [
      factoryKey.toString('hex'),
      factoryKey.toString('base64'),
      privateKeyPem.split('\n')[1],
      claimCode,
    ])
      expect(text).not.toContain(secret);
    expect(text).not.toContain('PRIVATE KEY');
  });

  test('begins anew when the cloud asks, as another boot, and loses nothing', async () => {
    const { status, stdout } = airherd('device', 'restart', serial);
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${serial} begins anew\n` });
    await says(/starting anew/);
    await says(/→ open/, 2);
    const bundle = JSON.parse(airherd('device', 'support-bundle', serial).stdout);
    expect(bundle.ledger).toEqual(
      expect.arrayContaining([expect.objectContaining({ stream: 'hello', produced: 1, dropped: 0 })]),
    );
  });

  test('takes changed settings at SIGHUP, and goes on when they are wrong', async () => {
    writeFileSync(settings, 'report: { statsMs: -1 }\nnonsense: 1\n');
    agent.kill('SIGHUP');
    await says(/airherd: config-invalid: .*statsMs.*nonsense/);
    writeFileSync(settings, 'report: { statsMs: 30000 }\n');
    agent.kill('SIGHUP');
    await says(/starting anew/, 2);
    await says(/→ open/, 3);
    const bundle = JSON.parse(airherd('device', 'support-bundle', serial).stdout);
    expect(bundle.settings.report.statsMs).toBe(30000);
  });

  test('is said to be away once it is', async () => {
    agent.kill('SIGTERM');
    await once(agent, 'exit');
    const { status, stderr } = airherd('device', 'restart', serial);
    expect(stderr).toMatch(/^airherd: api-refused: [^\n]*not connected[^\n]*\n$/);
    expect(status).toBe(CATALOGUE['api-refused'].exit);
  });
});
