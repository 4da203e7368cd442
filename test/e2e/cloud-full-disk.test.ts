/** A disk that is full, for real: a small file system of its own. Mounting one takes root. */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backup } from '../../cloud-stub/privacy/restore.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { nodeRandom } from '../../platform/node/random.ts';
import { callApi, type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient, helloFields } from '../support/device-client.ts';
import { orgRole, tokenFor } from '../support/identities.ts';
import { canUnshare } from '../support/namespaces.ts';

let mount: string;
let dir: string;
const filler = () => join(mount, 'filler');
beforeEach(() => {
  mount = mkdtempSync(join(tmpdir(), 'airherd-full-'));
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'none', mount], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  dir = join(mount, 'cloud');
  mkdirSync(dir, { mode: 0o700 });
});
afterEach(() => {
  spawnSync('umount', ['-l', mount]);
  rmSync(mount, { recursive: true, force: true });
});

/** Until not a byte more fits. */
function fill(): void {
  const file = openSync(filler(), 'a');
  for (const size of [1024 * 1024, 4096, 1]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(size, 'x'));
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
    }
  }
  closeSync(file);
}
const nameOf = ({ cloud, siteId }: TestCloud) => cloud.registry.organisations.site(siteId)?.name;

describe.runIf(canUnshare)('a full disk', () => {
  test('no change and no access goes without its entry: refused, said once, and taken again when there is room', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    const lab = await testCloud({ dir, log });
    const [identity] = await lab.devices(1);
    const device = await DeviceClient.login({ port: lab.cloud.devicePort, identity });
    await device.acked('hello', device.publish('hello', helloFields(identity)));
    const admin = tokenFor(lab, lab.orgId, [orgRole('admin', lab.orgId)]);
    const { audit } = lab.cloud.stores.of(lab.orgId);
    const rename = (name: string) =>
      callApi(lab.cloud, admin, `/api/v1/sites/${lab.siteId}`, { method: 'PUT', body: { name } });
    const look = () => callApi(lab.cloud, admin, `/api/airherd/v1/sites/${lab.siteId}/clients`);
    expect((await rename('Before')).status).toBe(200);

    // The log of a database grows within what it has: only its growth meets the disk's end.
    fill();
    let refused = 0;
    for (let i = 0; i < 200; i++) {
      const { status, json } = await rename(`Full ${i}`);
      if (status === 200) continue;
      expect([status, json.code]).toEqual([507, 'store-full']);
      refused++;
      break;
    }
    expect(refused).toBe(1);
    const name = nameOf(lab);
    const after = audit.count({});
    for (let i = 0; i < 5; i++) {
      expect((await rename('Unaudited')).status).toBe(507);
      expect((await look()).status).toBe(507);
    }
    expect(nameOf(lab)).toBe(name);
    expect(audit.count({})).toBe(after);
    // Each change that was made has both its entries.
    const named = audit.list({ limit: 1000, offset: 0 }).filter(({ action }) => action.startsWith('PUT'));
    expect(named.filter(({ outcome }) => outcome === 'begun').length).toBeGreaterThanOrEqual(
      named.filter(({ outcome }) => outcome === 'done').length,
    );
    expect(lines.filter((line) => line.includes('store-full'))).toHaveLength(1);
    expect((await lab.api('/api/airherd/v1/status')).json.store).toBe('full');

    rmSync(filler());
    await expect.poll(async () => (await rename('After')).status, { timeout: 10_000 }).toBe(200);
    expect(nameOf(lab)).toBe('After');
    expect(audit.verify().ok).toBe(true);
    await lab.stop();
    const again = await testCloud({ dir });
    expect(again.cloud.stores.of(again.orgId).audit.verify().ok).toBe(true);
    await again.stop();
  });

  test('a backup that does not fit leaves the one that was there', async () => {
    const lab = await testCloud({ dir });
    const file = join(mount, 'backup');
    const place = { dir, clock: nodeClock, random: nodeRandom };
    backup(file, place);
    const good = readFileSync(file);
    fill();
    expect(() => backup(file, place)).toThrow(
      expect.objectContaining({ code: 'output-failed', message: expect.stringContaining('no space left') }),
    );
    expect(readFileSync(file).equals(good)).toBe(true);
    rmSync(filler());
    await lab.stop();
  });

  test('a cloud that is to start where there is no room says so in one line, and starts when there is', async () => {
    fill();
    await expect(testCloud({ dir })).rejects.toMatchObject({
      code: 'store-full',
    });
    rmSync(filler());
    const lab = await testCloud({ dir });
    await lab.stop();
    writeFileSync(filler(), '');
    expect(statSync(join(dir, 'registry.db')).size).toBeGreaterThan(0);
  });
});
