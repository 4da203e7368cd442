import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backup, restore } from '../../cloud-stub/privacy/restore.ts';
import { blob, openDatabase } from '../../cloud-stub/store/database.ts';
import { addMaster, onlyMaster } from '../../cloud-stub/store/keyring.ts';
import { replaceMasterKey } from '../../cloud-stub/store/master-key.ts';
import { STORE_MIGRATIONS } from '../../cloud-stub/store/schema.ts';
import { associated, subkey, unseal } from '../../cloud-stub/store/seal.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { nodeRandom } from '../../platform/node/random.ts';
import { openedStores, rawFiles } from '../support/at-rest.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient } from '../support/device-client.ts';

const CANARY = 'canary-laptop-of-anna';
const MAC = Buffer.from('3c0754c0ffee', 'hex');

let dir: string;
let lab: TestCloud;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'airherd-keys-'));
  lab = await testCloud({ dir });
});
afterEach(async () => {
  await lab.stop();
  rmSync(dir, { recursive: true, force: true });
});

const place = () => ({ dir, clock: nodeClock, random: nodeRandom });
const masterFile = () => readFileSync(join(dir, 'master.key'));
const clientOf = (hostName: string, mac = MAC) => ({
  class: 'wifi.connected',
  clients: [{ mac, randomized: false, state: 'associated', hostName, lastSeenMs: 1 }],
});
async function observe(...names: string[]): Promise<void> {
  const [identity] = await lab.devices(1);
  const device = await DeviceClient.login({ port: lab.cloud.devicePort, identity });
  for (const [i, name] of names.entries()) {
    const mac = Buffer.from([...MAC.subarray(0, 5), MAC[5] + i]);
    await device.acked('clients', device.publish('clients', clientOf(name, mac)));
  }
  device.end();
}
const restart = async () => {
  await lab.stop();
  lab = await testCloud({ dir });
};
const holds = (text: string) => openedStores(lab.cloud).includes(text);

describe('rotation of the master key', () => {
  test('a cloud that runs goes on; afterwards the new key opens, and the old one does not', async () => {
    await observe(CANARY);
    const old = masterFile();
    const next = nodeRandom.bytes(32);
    addMaster(dir, old, next, nodeRandom);
    replaceMasterKey(dir, next, nodeRandom);
    onlyMaster(dir, next, nodeRandom);
    await observe('after');
    await restart();
    expect(holds(CANARY) && holds('after')).toBe(true);
    await lab.stop();
    const before = rawFiles(dir);
    await expect(testCloud({ dir, masterKey: old })).rejects.toMatchObject({ code: 'store-damaged' });
    expect([...rawFiles(dir)].filter(([path, bytes]) => !before.get(path)?.equals(bytes))).toEqual([]);
    lab = await testCloud({ dir });
  });

  test('interrupted at any step, a key that is there opens it, and the rotation can be done again', async () => {
    await observe(CANARY);
    const next = nodeRandom.bytes(32);
    addMaster(dir, masterFile(), next, nodeRandom);
    await restart();
    expect(holds(CANARY)).toBe(true);
    replaceMasterKey(dir, next, nodeRandom);
    await restart();
    expect(holds(CANARY)).toBe(true);
    const third = nodeRandom.bytes(32);
    addMaster(dir, next, third, nodeRandom);
    replaceMasterKey(dir, third, nodeRandom);
    onlyMaster(dir, third, nodeRandom);
    await restart();
    expect(holds(CANARY)).toBe(true);
  });
});

describe("rotation of an organisation's key", () => {
  const wrappedByOld = (old: Buffer, fileKey: Buffer) => {
    const db = openDatabase(join(dir, 'orgs', `${lab.orgId}.db`), fileKey, STORE_MIGRATIONS);
    const rows = db.prepare('SELECT * FROM day_keys').all();
    db.close();
    expect(rows.length).toBeGreaterThan(0);
    return rows.filter((row) =>
      unseal(subkey(old, 'day'), blob(row.wrapped), associated('day', lab.orgId, Number(row.day))),
    ).length;
  };

  test('without a pause: what was sealed still opens, the old key opens nothing any more', async () => {
    await observe(CANARY);
    const old = lab.cloud.registry.orgKeys.keys(lab.orgId);
    expect(wrappedByOld(old.org, old.file)).toBe(1);
    const { status } = await lab.api(`/api/airherd/v1/orgs/${lab.orgId}/key/rotate`, { method: 'POST' });
    expect(status).toBe(200);
    expect(wrappedByOld(old.org, old.file)).toBe(0);
    await observe('after');
    expect(holds(CANARY) && holds('after')).toBe(true);
    await restart();
    expect(holds(CANARY) && holds('after')).toBe(true);
    expect(lab.cloud.stores.of(lab.orgId).audit.verify().ok).toBe(true);
    expect(lab.cloud.registry.orgKeys.keys(lab.orgId).org.equals(old.org)).toBe(false);
  });

  test.each([
    ['before the store is wrapped anew', false],
    ['after it', true],
  ])('interrupted %s, it is finished at the next start', async (_, wrapped) => {
    await observe(CANARY);
    const { registry, stores } = lab.cloud;
    const old = registry.orgKeys.keys(lab.orgId);
    const next = registry.orgKeys.begin(lab.orgId);
    if (wrapped) stores.of(lab.orgId).rewrap(next);
    await restart();
    expect(holds(CANARY)).toBe(true);
    expect(lab.cloud.registry.orgKeys.keys(lab.orgId)).toMatchObject({ org: next });
    expect(lab.cloud.registry.orgKeys.keys(lab.orgId).previous).toBeUndefined();
    expect(wrappedByOld(old.org, old.file)).toBe(0);
  });
});

test("destroying an organisation's key erases it: a copy of its file opens with no key that still exists", async () => {
  await observe(CANARY);
  await lab.cloud.stores.of(lab.orgId).upkeep.reclaim(1);
  const copy = join(dir, 'copy.db');
  copyFileSync(join(dir, 'orgs', `${lab.orgId}.db`), copy);
  const key = lab.cloud.registry.organisations.key(lab.orgId);
  const path = `/api/airherd/v1/orgs/${lab.orgId}/destroy`;
  expect((await lab.api(path, { method: 'POST', body: { name: 'another' } })).status).toBe(400);
  expect((await lab.api(path, { method: 'POST', body: { name: 'Test organisation' } })).status).toBe(200);
  expect((await lab.api(`/api/v1/orgs/${lab.orgId}`)).status).toBe(404);
  expect(holds(CANARY)).toBe(false);
  expect([...rawFiles(dir).keys()].filter((name) => name.includes(lab.orgId))).toEqual([]);
  // The wrapped key is in no page of the registry, and so the copy is noise for good.
  const { registry } = lab.cloud;
  expect(() => registry.organisations.key(lab.orgId)).toThrow();
  const left = [
    masterFile(),
    ...registry.organisations.withStores().map((id) => registry.organisations.key(id)),
  ];
  for (const one of left) {
    expect(() => openDatabase(copy, subkey(one, 'file'), STORE_MIGRATIONS)).toThrow('of another master key');
  }
  openDatabase(copy, subkey(key, 'file'), STORE_MIGRATIONS).close();
});

describe('backup and restore', () => {
  const file = () => join(dir, '..', `${dir.split('/').pop()}.backup`);
  afterEach(() => rmSync(file(), { force: true }));

  test('while the cloud runs; what it holds cannot be read; all of it comes back', async () => {
    await observe(CANARY);
    expect(backup(file(), place())).toMatchObject({ files: expect.any(Number) });
    const bytes = readFileSync(file());
    for (const secret of [CANARY, MAC, masterFile()]) expect(bytes.includes(secret as Buffer)).toBe(false);
    await observe('later');
    await lab.stop();
    expect(restore(file(), place())).toMatchObject({ organisations: 1, erasures: 0 });
    lab = await testCloud({ dir });
    expect(holds(CANARY)).toBe(true);
    expect(holds('later')).toBe(false);
  });

  test('the erased stay erased after a restore, and so do destroyed organisations', async () => {
    await observe(CANARY, 'bens-laptop');
    const other = lab.cloud.registry.organisations.ensure('Other');
    lab.cloud.stores.of(other.id);
    backup(file(), place());
    // Carried elsewhere, where no erasure reaches it.
    const copy = join(dir, 'copy');
    copyFileSync(file(), copy);
    await lab.api(`/api/airherd/v1/orgs/${lab.orgId}/subjects/erase`, {
      method: 'POST',
      body: { subject: { kind: 'host-name', value: CANARY } },
    });
    await lab.api(`/api/airherd/v1/orgs/${other.id}/destroy`, { method: 'POST', body: { name: 'Other' } });
    expect(holds(CANARY)).toBe(false);
    await lab.stop();
    const restored = restore(copy, place());
    expect(restored).toMatchObject({ organisations: 1, destroyed: 1 });
    expect(restored.erasures).toBeGreaterThan(0);
    lab = await testCloud({ dir });
    expect(holds(CANARY)).toBe(false);
    expect(openedStores(lab.cloud).includes(MAC)).toBe(false);
    expect(holds('bens-laptop')).toBe(true);
    expect(lab.cloud.registry.organisations.find(other.id)).toBeNull();
  });

  test('an erasure reaches the backups on this machine: with all keys that there are, none holds the canary any more', async () => {
    await observe(CANARY, 'bens-laptop');
    const other = lab.cloud.registry.organisations.ensure('Canary destroyed');
    lab.cloud.stores.of(other.id);
    backup(file(), place());
    /** What is in the backup, opened as whoever has the master key opens it. */
    const inside = async (): Promise<Buffer> => {
      const folder = mkdtempSync(join(tmpdir(), 'airherd-opened-'));
      restore(file(), { ...place(), dir: folder, masterKey: masterFile() });
      const opened = await testCloud({ dir: folder, masterKey: masterFile() });
      const names = opened.cloud.registry.organisations.list().map(({ name }) => name);
      const found = Buffer.concat([openedStores(opened.cloud), Buffer.from(names.join(' '))]);
      await opened.stop();
      rmSync(folder, { recursive: true, force: true });
      return found;
    };
    const before = await inside();
    for (const secret of [CANARY, MAC, 'Canary destroyed']) expect(before.includes(secret)).toBe(true);
    const { json } = await lab.api(`/api/airherd/v1/orgs/${lab.orgId}/subjects/erase`, {
      method: 'POST',
      body: { subject: { kind: 'host-name', value: CANARY } },
    });
    expect(json.backups).toContain('1 on this machine written anew');
    await lab.api(`/api/airherd/v1/orgs/${other.id}/destroy`, {
      method: 'POST',
      body: { name: 'Canary destroyed' },
    });
    const after = await inside();
    for (const secret of [CANARY, MAC, 'Canary destroyed']) expect(after.includes(secret)).toBe(false);
    expect(after.includes('bens-laptop')).toBe(true);
    expect([...rawFiles(dir).keys()].some((path) => path.includes('.tmp'))).toBe(false);
  });

  test('into an empty folder, with the master key alone', async () => {
    await observe(CANARY);
    backup(file(), place());
    const key = masterFile();
    await lab.stop();
    rmSync(dir, { recursive: true, force: true });
    restore(file(), { ...place(), dir: mkdirAgain(), masterKey: key });
    lab = await testCloud({ dir, masterKey: key });
    expect(holds(CANARY)).toBe(true);
  });
  const mkdirAgain = () => {
    dir = mkdtempSync(join(tmpdir(), 'airherd-keys-'));
    return dir;
  };

  test('damaged, of another key, none at all, or with a cloud running: one line, and nothing is replaced', async () => {
    await observe(CANARY);
    backup(file(), place());
    expect(() => restore(file(), place())).toThrow(expect.objectContaining({ code: 'store-in-use' }));
    await lab.stop();
    const good = readFileSync(file());
    const before = rawFiles(dir);
    const refused = (bytes: Buffer, options = place()) => {
      writeFileSync(file(), bytes);
      expect(() => restore(file(), options)).toThrow(expect.objectContaining({ code: 'backup-damaged' }));
    };
    const flipped = Buffer.from(good);
    flipped[good.length - 5000] ^= 1;
    refused(flipped);
    refused(good.subarray(0, good.length - 100));
    refused(Buffer.concat([good, Buffer.alloc(1)]));
    refused(Buffer.from('not a backup\n'));
    rmSync(file());
    expect(() => restore(file(), place())).toThrow(expect.objectContaining({ code: 'input-missing' }));
    for (const [path, bytes] of rawFiles(dir)) {
      if (path.endsWith('.db') && !path.endsWith('lock.db'))
        expect(before.get(path)?.length, path).toBe(bytes.length);
    }
    lab = await testCloud({ dir });
    expect(holds(CANARY)).toBe(true);
  });
});
