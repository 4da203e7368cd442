import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
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
import { DeviceClient, type Loose } from '../support/device-client.ts';

let compiled: Compiled;
let home: string;
let identity: Identity;
let orgId: string;

beforeAll(async () => {
  compiled = compile();
  home = mkdtempSync(join(tmpdir(), 'airherd-home-'));
  const authority = await sharedAuthority();
  cpSync(authority.dir, join(home, 'ca'), { recursive: true });
  [identity] = await manufacture({ kind: 'ap', count: 1, authority, nowMs: Date.now() });
  const registry = openRegistry(join(home, 'cloud'), { random: nodeRandom, clock: nodeClock });
  await registry.add([registryEntryOf(identity)]);
  const org = registry.organisations.ensure('Kill');
  orgId = org.id;
  const site = registry.organisations.ensureSite(org.id, 'Site');
  registry.claim({ serial: identity.serial, orgId: org.id, siteId: site.id });
  registry.close();
});
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

const event = (seq: number, bootId: Buffer) => ({
  class: 'device',
  name: 'numbered',
  severity: 'info',
  seq,
  bootId,
});
const api = async (cloud: CloudProcess, path: string): Promise<Loose> =>
  (await callApi(cloud, cloud.token, path)).json;
const airherd = (...args: string[]) =>
  promisify(execFile)(process.execPath, [compiled.main, ...args], {
    env: { ...process.env, AIRHERD_HOME: home },
  });

test('kill -9 in mid-stream: what was acknowledged is there, what was not comes again, nothing is twice', async () => {
  const total = 120;
  let acknowledged = 0;
  let bootId: Buffer | null = null;
  for (let kills = 0; kills < 3; kills++) {
    const cloud = await spawnCloud(compiled.main, home);
    const device = await DeviceClient.login({ port: cloud.devicePort, identity });
    bootId ??= device.bootId;
    const target = acknowledged + 30;
    for (let seq = acknowledged + 1; seq <= target - 10; seq++) device.publish('event', event(seq, bootId));
    await device.acked('event', target - 10, bootId);
    acknowledged = target - 10;
    // These are somewhere between the socket and the disk when the process dies.
    for (let seq = acknowledged + 1; seq <= target; seq++) device.publish('event', event(seq, bootId));
    await cloud.end('SIGKILL');
    await device.closed;
  }
  const cloud = await spawnCloud(compiled.main, home);
  const device = await DeviceClient.login({ port: cloud.devicePort, identity });
  const boot = bootId ?? Buffer.alloc(16);
  const [before] = await api(cloud, '/api/airherd/v1/ledger');
  expect(before.highest).toBeGreaterThanOrEqual(acknowledged);
  for (let seq = acknowledged + 1; seq <= total; seq += 30) {
    for (let n = seq; n < seq + 30 && n <= total; n++) device.publish('event', event(n, boot));
    await device.acked('event', Math.min(seq + 29, total), boot);
  }
  const [after] = await api(cloud, '/api/airherd/v1/ledger');
  expect(after).toMatchObject({ highest: total, stored: total, dropped: 0, aheadOfHole: 0 });
  const rows = await api(cloud, `/api/airherd/v1/orgs/${orgId}/messages?stream=event&limit=1000`);
  expect(rows.map(({ seq }: Loose) => seq)).toEqual(Array.from({ length: total }, (_, i) => total - i));
  device.end();

  // What the machine's other users can see of it, and what it says, is no key.
  const master = readFileSync(join(home, 'cloud', 'master.key'));
  const shown = [
    readFileSync(`/proc/${cloud.pid}/cmdline`, 'latin1'),
    readFileSync(`/proc/${cloud.pid}/environ`, 'latin1'),
    cloud.log(),
  ].join('\n');
  expect(cloud.log()).toContain('device logged in');
  for (const secret of [master, identity.factoryKey]) {
    for (const form of ['hex', 'base64', 'base64url', 'latin1'] as const) {
      expect(shown.includes(secret.toString(form))).toBe(false);
    }
  }
  expect(shown.includes(cloud.token)).toBe(false);

  const { stdout } = await airherd('cloud', 'status', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ store: 'ok', devices: { manufactured: 1, claimed: 1 } });
  await expect(airherd('cloud', '--port', '0', '--api-port', '0')).rejects.toMatchObject({
    code: 7,
    stderr: expect.stringContaining('store-in-use'),
  });
  expect(await cloud.end('SIGTERM')).toBe(0);
  await expect(airherd('cloud', 'status')).rejects.toMatchObject({
    code: 5,
    stderr: expect.stringMatching(/^airherd: cloud-not-running: .*\n$/),
  });
});
