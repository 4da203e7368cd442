/** Rotations of master key and organisation key, killed with SIGKILL in their middle: all opens, and they go on. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Identity } from '../../certs/identity.ts';
import { manufacture } from '../../certs/manufacture.ts';
import { registryEntryOf } from '../../certs/registry-entry.ts';
import { openRegistry } from '../../cloud-stub/index.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { nodeRandom } from '../../platform/node/random.ts';
import { sharedAuthority } from '../support/authority.ts';
import { callApi } from '../support/cloud.ts';
import { type CloudProcess, spawnCloud } from '../support/cloud-process.ts';
import { type Compiled, compile } from '../support/compiled.ts';
import { DeviceClient } from '../support/device-client.ts';

let compiled: Compiled;
let home: string;
let identity: Identity;
let orgId: string;
let cloud: CloudProcess;
let stored = 0;

beforeAll(async () => {
  compiled = compile();
  home = mkdtempSync(join(tmpdir(), 'airherd-rotation-'));
  const authority = await sharedAuthority();
  cpSync(authority.dir, join(home, 'ca'), { recursive: true });
  [identity] = await manufacture({ kind: 'ap', count: 1, authority, nowMs: Date.now() });
  const registry = openRegistry(join(home, 'cloud'), { random: nodeRandom, clock: nodeClock });
  await registry.add([registryEntryOf(identity)]);
  orgId = registry.organisations.ensure('Rotated').id;
  const { id: siteId } = registry.organisations.ensureSite(orgId, 'Site');
  registry.claim({ serial: identity.serial, orgId, siteId });
  registry.close();
  cloud = await spawnCloud(compiled.main, home);
});
afterAll(async () => {
  await cloud.end('SIGTERM');
  rmSync(home, { recursive: true, force: true });
});

const api = (path: string, method = 'GET') => callApi(cloud, cloud.token, path, { method });

/** One message more; all that there are can be read, and the audit log is whole. */
async function storesAndReads(): Promise<void> {
  const device = await DeviceClient.login({ port: cloud.devicePort, identity });
  const event = { class: 'device', name: `numbered-${stored++}`, severity: 'info' };
  await device.acked('event', device.publish('event', event));
  device.end();
  const { json } = await api(`/api/airherd/v1/orgs/${orgId}/messages?stream=event&limit=1000`);
  const names = json.map(({ name }: { name: string }) => name).sort();
  expect(names).toEqual(Array.from({ length: stored }, (_, i) => `numbered-${i}`).sort());
  expect((await api(`/api/airherd/v1/orgs/${orgId}/audit/verify`)).json).toMatchObject({ ok: true });
}

test('an organisation’s key: the cloud is killed among rotations, and has all when it is back', async () => {
  for (const answers of [1, 4, 9]) {
    await storesAndReads();
    let seen = 0;
    const rotations = Array.from({ length: 24 }, () =>
      api(`/api/airherd/v1/orgs/${orgId}/key/rotate`, 'POST').then(
        ({ status }) => {
          expect(status).toBe(200);
          if (++seen === answers) cloud.child.kill('SIGKILL');
        },
        () => {
          // Its connection died with the cloud.
        },
      ),
    );
    await Promise.all(rotations);
    // Some were under way, or waited.
    expect(seen).toBeLessThan(24);
    await cloud.end('SIGKILL');
    cloud = await spawnCloud(compiled.main, home);
    await storesAndReads();
    expect((await api(`/api/airherd/v1/orgs/${orgId}/key/rotate`, 'POST')).status).toBe(200);
    await storesAndReads();
  }
});

test('the master key: the command is killed at each step; the cloud starts, and the next one ends with one key', async () => {
  const dir = join(home, 'cloud');
  const wrapped = () => JSON.parse(readFileSync(join(dir, 'keyring.json'), 'utf8')).wrapped.length;
  const rotate = (): ChildProcess =>
    spawn(process.execPath, [compiled.main, 'cloud', 'rotate-master'], {
      env: { ...process.env, AIRHERD_HOME: home },
      stdio: 'ignore',
    });
  // The keyring is written for both keys, then the key itself, then the keyring for one.
  for (const step of ['keyring.json', 'master.key']) {
    await storesAndReads();
    const child = rotate();
    const gone = once(child, 'exit');
    const watcher = watch(dir, (_event, name) => {
      if (name === step) child.kill('SIGKILL');
    });
    await gone;
    watcher.close();
    await cloud.end('SIGTERM');
    cloud = await spawnCloud(compiled.main, home);
    await storesAndReads();
    const again = spawnSync(process.execPath, [compiled.main, 'cloud', 'rotate-master'], {
      env: { ...process.env, AIRHERD_HOME: home },
      encoding: 'utf8',
    });
    expect([again.status, again.stdout]).toEqual([0, 'the master key is another one now\n']);
    expect(wrapped()).toBe(1);
  }
});
