/** Firmware by commands and processes, as a person has it; and agents that are killed in the middle of it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CATALOGUE } from '../../protocol/errors.ts';
import { sharedAuthority } from '../support/authority.ts';
import { type CloudProcess, spawnCloud } from '../support/cloud-process.ts';
import { compile } from '../support/compiled.ts';

const { main } = compile();
const home = mkdtempSync(join(tmpdir(), 'airherd-firmware-'));
const env = { ...process.env, AIRHERD_HOME: home };
let cloud: CloudProcess;
let serial = '';
let agent: ChildProcess;
let said: string[] = [];
const listeners = new Set<() => void>();

function airherd(...args: string[]) {
  return spawnSync(process.execPath, [main, ...args], { env, encoding: 'utf8' });
}

function startAgent(): void {
  said = [];
  const identity = join(home, 'devices', serial);
  const args = ['--identity', identity, '--config', join(home, 'agent.yaml')];
  agent = spawn(
    process.execPath,
    [main, 'agent', ...args, '--cloud', `mqtts://localhost:${cloud.devicePort}`],
    { env, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  createInterface({ input: agent.stderr! }).on('line', (line) => {
    said.push(line);
    for (const resolve of listeners) resolve();
    listeners.clear();
  });
}

async function says(pattern: RegExp): Promise<void> {
  while (!said.some((line) => pattern.test(line)))
    await new Promise<void>((resolve) => listeners.add(resolve));
}

async function killed(): Promise<void> {
  agent.kill('SIGKILL');
  await once(agent, 'exit');
}

/** An image of so many bytes that do not compress, rolled out. */
function rollOut(version: string, sequence: number, config = '', ballast = 0): void {
  const folder = join(home, version);
  mkdirSync(folder);
  writeFileSync(join(folder, 'config.yaml'), config);
  const filler = createHash('shake256', { outputLength: ballast }).update(version).digest();
  writeFileSync(join(folder, 'ballast.bin'), filler);
  const calls = [
    ['build', folder, version, '--sequence', String(sequence), '--model', 'AH-AP-1', '--out', home],
    ['upload', join(home, `firmware-${version}.manifest.json`)],
    ['rollout', version],
  ];
  for (const call of calls) {
    const { status, stderr } = airherd('firmware', ...call);
    expect({ call, status, stderr }).toEqual({ call, status: 0, stderr: '' });
  }
}

const bootRecord = () =>
  JSON.parse(readFileSync(join(home, 'devices', serial, 'firmware', 'boot.json'), 'utf8'));
const statusOf = () => JSON.parse(airherd('firmware', 'status', '--json').stdout);
const ends = (state: string) => expect.poll(() => statusOf().state, { timeout: 30_000 }).toBe(state);

beforeAll(async () => {
  cpSync((await sharedAuthority()).dir, join(home, 'ca'), { recursive: true });
  const created = airherd('device', 'create', '--kind', 'ap', '--json');
  serial = JSON.parse(created.stdout).devices[0].serial;
  airherd('device', 'claim', serial, '--org', 'Example', '--site', 'Hall');
  expect(JSON.parse(airherd('firmware', 'key', '--json').stdout)).toMatchObject({ made: true, devices: 1 });
  cloud = await spawnCloud(main, home);
  writeFileSync(
    join(home, 'agent.yaml'),
    'backoff: { minMs: 50, maxMs: 500 }\nupgrade: { trialMs: 20000 }\n',
  );
  startAgent();
});
afterAll(async () => {
  if (agent.exitCode === null && agent.signalCode === null) await killed();
  await cloud.end('SIGTERM');
  rmSync(home, { recursive: true, force: true });
});

test('killed in mid-download, and again on trial: the upgrade is completed', async () => {
  rollOut('1.4.0', 7, 'report: { statsMs: 30000 }', 8_000_000);
  await says(/^airherd: firmware 1\.4\.0: downloading/);
  await killed();
  startAgent();
  await says(/^airherd: firmware 1\.4\.0: trial/);
  await killed();
  startAgent();
  await says(/^airherd: firmware 1\.4\.0: (trial|committed)/);
  await ends('done');
  await expect.poll(() => bootRecord().active, { timeout: 30_000 }).toBe('b');
  expect(bootRecord()).toMatchObject({ counter: 7, trial: null });
  expect(statusOf().devices).toEqual([expect.objectContaining({ serial, phase: 'committed' })]);
});

test('an older sequence number is refused, in one line with its code', async () => {
  rollOut('1.3.0', 6);
  await says(
    /^airherd: firmware-rollback: firmware 1\.3\.0 has sequence number 6, and 7 was committed before$/,
  );
  await ends('paused');
  expect(airherd('firmware', 'abort').status).toBe(0);
});

test('a version that cuts the device off is left again, and the roll-out stops', async () => {
  writeFileSync(join(home, 'agent.yaml'), 'backoff: { minMs: 50, maxMs: 500 }\nupgrade: { trialMs: 2000 }\n');
  agent.kill('SIGHUP');
  await says(/starting anew/);
  rollOut('1.5.0', 8, 'cloud: { url: "mqtts://127.0.0.1:1" }');
  await says(
    /^airherd: firmware-unhealthy: firmware 1\.5\.0 was not healthy: .*cloud-unreachable.* runs again$/,
  );
  await ends('paused');
  expect(statusOf()).toMatchObject({
    reason: '1 of its devices failed or were rolled back',
    devices: [{ serial, phase: 'rolled-back', code: 'firmware-unhealthy' }],
  });
  expect(bootRecord()).toMatchObject({ active: 'b', counter: 7, trial: null });
  const { status, stderr } = airherd('firmware', 'rollout', '9.9.9');
  expect(stderr).toBe('airherd: usage-invalid: no image 9.9.9; there are 1.5.0, 1.3.0, 1.4.0\n');
  expect(status).toBe(CATALOGUE['usage-invalid'].exit);
});
