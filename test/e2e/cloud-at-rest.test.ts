import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { registryEntryOf } from '../../certs/registry-entry.ts';
import { openDatabase } from '../../cloud-stub/store/database.ts';
import { STORE_MIGRATIONS } from '../../cloud-stub/store/schema.ts';
import { subkey } from '../../cloud-stub/store/seal.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { DeviceClient } from '../support/device-client.ts';

const CANARY = 'canary-laptop-of-anna';
const MAC = Buffer.from('3c0754c0ffee', 'hex');

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'airherd-rest-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const canary = {
  class: 'wifi.connected',
  clients: [{ mac: MAC, randomized: false, state: 'associated', hostName: CANARY, lastSeenMs: 1 }],
};

async function storeCanary(lab: TestCloud) {
  const [identity] = await lab.devices(1);
  const device = await DeviceClient.login({ port: lab.cloud.devicePort, identity });
  await device.acked('clients', device.publish('clients', canary));
  device.end();
  return identity;
}

function allBytes(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Buffer.concat(files.map((entry) => readFileSync(join(entry.parentPath, entry.name))));
}

describe('at rest', () => {
  test('no file and no log line holds what was observed or a key; the control finds it', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
    const lab = await testCloud({ dir, log });
    const identity = await storeCanary(lab);
    const { keys } = registryEntryOf(identity);
    const { token } = { token: lab.cloud.bootstrapToken ?? '' };
    const master = readFileSync(join(dir, 'master.key'));
    // While it runs, with the write-ahead logs in place.
    const found = allBytes(join(dir, 'orgs'));
    const registryFiles = readdirSync(dir).filter((name) => name.startsWith('registry.db'));
    const registry = Buffer.concat(registryFiles.map((name) => readFileSync(join(dir, name))));
    const everything = Buffer.concat([found, registry, Buffer.from(lines.join(''))]);
    expect(everything.length).toBeGreaterThan(50_000);
    expect(lines.length).toBeGreaterThan(0);
    for (const secret of [
      CANARY,
      MAC,
      master,
      identity.factoryKey,
      keys.deviceProof,
      keys.cloudProof,
      token,
    ]) {
      const bytes = Buffer.from(secret as string);
      for (const form of [
        bytes,
        ...(['hex', 'base64'] as const).map((name) => Buffer.from(bytes.toString(name))),
      ]) {
        expect(everything.includes(form)).toBe(false);
      }
    }

    // Every page decrypted: the values are sealed beneath as well.
    const orgKey = lab.cloud.registry.organisations.key(lab.orgId);
    const path = join(dir, 'orgs', `${lab.orgId}.db`);
    const db = openDatabase(path, subkey(orgKey, 'file'), STORE_MIGRATIONS);
    const rows = ['messages', 'state', 'positions', 'rssi', 'capture_parts', 'day_keys'].flatMap((table) =>
      db.prepare(`SELECT * FROM ${table}`).all(),
    );
    db.close();
    const values = rows.flatMap((row) =>
      Object.values(row).map((value) =>
        value instanceof ArrayBuffer ? Buffer.from(value) : Buffer.from(String(value)),
      ),
    );
    const dump = Buffer.concat(values);
    expect(dump.includes(identity.serial)).toBe(true);
    for (const secret of [Buffer.from(CANARY), MAC]) expect(dump.includes(secret)).toBe(false);

    // The control: with the keys it is there.
    const store = lab.cloud.stores.of(lab.orgId);
    expect(JSON.stringify(store.state.list('client', { mac: MAC, limit: 9, offset: 0 }))).toContain(CANARY);
    expect(JSON.stringify(store.messages({ limit: 9, offset: 0 }))).toContain(CANARY);
    await lab.stop();
  });

  test('keys and databases are readable by their owner only', async () => {
    const lab = await testCloud({ dir });
    await storeCanary(lab);
    const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    for (const entry of files) {
      const path = join(entry.parentPath, entry.name);
      expect((statSync(path).mode & 0o777).toString(8), path).toBe('600');
    }
    await lab.stop();
  });

  test('what was stored is there after a restart, and a bootstrap token is not made again', async () => {
    const lab = await testCloud({ dir });
    expect(lab.cloud.bootstrapToken).not.toBeNull();
    await storeCanary(lab);
    await lab.stop();
    const again = await testCloud({ dir });
    expect(again.cloud.bootstrapToken).toBeNull();
    const { json } = await again.api(`/api/airherd/v1/sites/${again.siteId}/clients`);
    expect(json).toMatchObject([{ hostName: CANARY }]);
    await again.stop();
  });
});

describe('damage', () => {
  async function stoppedCloud(): Promise<string> {
    const lab = await testCloud({ dir });
    await storeCanary(lab);
    await lab.stop();
    return join(dir, 'orgs', `${lab.orgId}.db`);
  }
  async function refusedUnchanged(path: string) {
    const before = readFileSync(path);
    await expect(
      testCloud({ dir }).then(async (lab) => {
        try {
          lab.cloud.stores.of(lab.orgId);
        } finally {
          await lab.stop();
        }
      }),
    ).rejects.toMatchObject({ code: 'store-damaged' });
    expect(readFileSync(path).equals(before)).toBe(true);
  }

  test('another master key', async () => {
    await stoppedCloud();
    writeFileSync(join(dir, 'master.key'), Buffer.alloc(32, 7), { mode: 0o600 });
    await refusedUnchanged(join(dir, 'registry.db'));
  });

  test('no master key beside a registry: none is made', async () => {
    await stoppedCloud();
    rmSync(join(dir, 'master.key'));
    await refusedUnchanged(join(dir, 'registry.db'));
    expect(existsSync(join(dir, 'master.key'))).toBe(false);
  });

  test('a store that is not a database', async () => {
    const path = await stoppedCloud();
    writeFileSync(path, Buffer.alloc(16_384, 9));
    await refusedUnchanged(path);
  });

  test('a page that is corrupt', async () => {
    const path = await stoppedCloud();
    const bytes = readFileSync(path);
    const root = 2 * 4096;
    bytes.fill(0xa5, root, root + 16);
    writeFileSync(path, bytes);
    await refusedUnchanged(path);
  });

  test('a store of a newer schema', async () => {
    const path = await stoppedCloud();
    const lab = await testCloud({ dir });
    const key = subkey(lab.cloud.registry.organisations.key(lab.orgId), 'file');
    await lab.stop();
    const db = openDatabase(path, key, STORE_MIGRATIONS);
    db.exec(`PRAGMA user_version = ${STORE_MIGRATIONS.length + 1}`);
    db.close();
    await refusedUnchanged(path);
  });
});

describe('a full store', () => {
  test('acknowledges nothing, says so once, and takes all that comes again when there is room', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const lab = await testCloud({ dir, log, storeQuotaBytes: 300_000 });
    const [identity] = await lab.devices(1);
    const device = await DeviceClient.login({ port: lab.cloud.devicePort, identity });
    const { bootId } = device;
    const big = (seq: number) => ({
      class: 'wifi.connected',
      bootId,
      seq,
      clients: Array.from({ length: 200 }, (_, i) => ({
        mac: Buffer.from([2, 0, 0, 0, seq, i]),
        randomized: true,
        state: 'associated',
        lastSeenMs: 1,
      })),
    });
    let acknowledged = 0;
    for (let seq = 1; !device.socket.destroyed; seq++) {
      device.publish('clients', big(seq));
      await device.acked('clients', seq, bootId).then(
        () => {
          acknowledged = seq;
        },
        () => {},
      );
    }
    expect(acknowledged).toBeGreaterThan(0);
    expect(lines.filter((line) => line.includes('store-full'))).toHaveLength(1);
    expect((await lab.api('/api/airherd/v1/status')).json.store).toBe('full');
    const refused = await DeviceClient.dial({ port: lab.cloud.devicePort, identity });
    expect(await refused.connect()).toBe(3);
    const [row] = lab.cloud.stores.of(lab.orgId).positions.list(identity.serial);
    expect(row).toMatchObject({ highest: acknowledged, stored: acknowledged });
    await lab.stop();

    const roomy = await testCloud({ dir });
    const again = await DeviceClient.login({ port: roomy.cloud.devicePort, identity });
    again.publish('clients', big(acknowledged + 1));
    await again.acked('clients', acknowledged + 1, bootId);
    again.end();
    expect(roomy.cloud.stores.of(roomy.orgId).positions.list(identity.serial)).toMatchObject([
      { highest: acknowledged + 1, stored: acknowledged + 1 },
    ]);
    await roomy.stop();
  });
});
