import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Authority } from '../../../certs/authority.ts';
import { runBatch } from '../../../certs/batch.ts';
import type { BatchOrder } from '../../../certs/batch-journal.ts';
import { loadIdentity } from '../../../certs/identity.ts';
import { listSerials } from '../../../certs/place-identity.ts';
import { type RegistryEntry, registryEntryOf } from '../../../certs/registry-entry.ts';
import { openRegistry } from '../../../cloud-stub/registry/registry.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { nodeRandom } from '../../../platform/node/random.ts';
import { sharedAuthority } from '../../support/authority.ts';
import { type Compiled, compile } from '../../support/compiled.ts';

const dir = mkdtempSync(join(tmpdir(), 'airherd-batch-'));
let authority: Authority;
let compiled: Compiled;

beforeAll(async () => {
  authority = await sharedAuthority();
  compiled = compile();
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

const order = (count: number): BatchOrder => ({
  kind: 'ap',
  count,
  keyType: 'p256',
  model: 'AH-AP-1',
  days: 30,
});

/** A registry in memory that can fail. */
function registry(failAfter = Number.POSITIVE_INFINITY) {
  const entries = new Map<string, RegistryEntry>();
  let calls = 0;
  return {
    entries,
    add: async (added: RegistryEntry[]) => {
      if (++calls > failAfter) throw new Error('the registry is gone');
      for (const entry of added) entries.set(entry.serial, entry);
    },
  };
}

describe('runBatch', () => {
  const run = (name: string, count: number, sink: ReturnType<typeof registry>, signal?: AbortSignal) =>
    runBatch({
      order: order(count),
      authority,
      devicesDir: join(dir, name),
      registry: sink,
      nowMs: Date.now(),
      cores: 1,
      signal,
    });

  test('makes exactly the identities that were ordered, each whole and entered', async () => {
    const sink = registry();
    const result = await run('plain', 18, sink);
    expect(result).toMatchObject({ resumed: 0 });
    expect(result.devices.map(({ serial }) => serial)).toEqual(listSerials(join(dir, 'plain')));
    expect(result.devices).toHaveLength(18);
    for (const { serial, claimCode } of result.devices) {
      const identity = await loadIdentity(join(dir, 'plain', serial));
      expect(identity.claimCode).toBe(claimCode);
      expect(sink.entries.get(serial)).toEqual(registryEntryOf(identity));
    }
    expect(readdirSync(join(dir, 'plain', '.batches'))).toEqual([]);
    // done is done: the same order again is another batch
    const next = await run('plain', 18, sink);
    expect(next.batch).not.toBe(result.batch);
    expect(listSerials(join(dir, 'plain'))).toHaveLength(36);
  });

  test('when the registry fails, the next run enters what it may not have', async () => {
    await expect(run('failing', 20, registry(1))).rejects.toThrow('the registry is gone');
    const made = listSerials(join(dir, 'failing'));
    expect(made).toHaveLength(20);
    const sink = registry();
    const result = await run('failing', 20, sink);
    expect(result.resumed).toBe(20);
    // the first sixteen were entered by the first run
    expect([...sink.entries.keys()].sort()).toEqual(made.slice(16));
  });

  test('another order does not take up an interrupted batch', async () => {
    await expect(run('orders', 20, registry(0))).rejects.toThrow();
    const result = await run('orders', 3, registry());
    expect(result).toMatchObject({ resumed: 0 });
    expect(result.devices).toHaveLength(3);
    expect((await run('orders', 20, registry())).resumed).toBeGreaterThan(0);
  });

  test('a signal stops it in between, and says how far it came', async () => {
    const stop = new AbortController();
    const sink = registry();
    const stopping = {
      ...sink,
      add: async (added: RegistryEntry[]) => sink.add(added).then(() => stop.abort()),
    };
    await expect(run('stopped', 40, stopping, stop.signal)).rejects.toMatchObject({
      code: 'batch-interrupted',
      parameters: { made: 16, count: 40 },
    });
    expect((await run('stopped', 40, sink)).devices.map(({ serial }) => serial).sort()).toEqual(
      [...sink.entries.keys()].sort(),
    );
  });

  test('a batch that a live process works on is left to it; one of a dead or another process is not', async () => {
    await expect(run('locked', 20, registry(0))).rejects.toThrow();
    const batches = join(dir, 'locked', '.batches');
    const lock = join(batches, readdirSync(batches)[0].replace('.json', '.lock'));
    // proc(5): starttime is the 22nd field, the 20th after the name
    const started = readFileSync('/proc/self/stat', 'latin1').split(') ')[1].split(' ')[19];
    writeFileSync(lock, `${process.pid} ${started}\n`);
    expect((await run('locked', 20, registry())).resumed).toBe(0);
    // the same number, but a process that began at another time
    writeFileSync(lock, `${process.pid} ${Number(started) - 1}\n`);
    expect((await run('locked', 20, registry())).resumed).toBe(16);
  });
});

describe('airherd device create', () => {
  let homes = 0;
  function home(): string {
    const path = join(dir, `home-${homes++}`);
    mkdirSync(path);
    cpSync(authority.dir, join(path, 'ca'), { recursive: true });
    return path;
  }
  const COUNT = 200;
  const command = [
    'device',
    'create',
    '--kind',
    'switch',
    '--count',
    String(COUNT),
    '--days',
    '30',
    '--json',
  ];
  const start = (path: string): ChildProcess =>
    spawn(process.execPath, [compiled.main, ...command], {
      env: { ...process.env, AIRHERD_HOME: path },
      stdio: 'ignore',
    });
  const finish = (path: string, args = command) =>
    spawnSync(process.execPath, [compiled.main, ...args], {
      env: { ...process.env, AIRHERD_HOME: path },
      encoding: 'utf8',
    });

  /** Resolves when that many folders of devices are there. */
  async function made(path: string, count: number): Promise<void> {
    const devices = join(path, 'devices');
    mkdirSync(devices, { recursive: true, mode: 0o700 });
    const watcher = watch(devices);
    try {
      while (listSerials(devices).length < count) await once(watcher, 'change');
    } finally {
      watcher.close();
    }
  }

  async function expectWhole(path: string, result: ReturnType<typeof finish>): Promise<void> {
    expect(result.stderr).toBe('');
    expect(result.status).toBe(0);
    const { devices } = JSON.parse(result.stdout);
    const serials = devices.map(({ serial }: { serial: string }) => serial);
    expect(serials).toHaveLength(COUNT);
    expect(listSerials(join(path, 'devices'))).toEqual(serials);
    expect(readdirSync(join(path, 'devices')).filter((name) => name.startsWith('.'))).toEqual(['.batches']);
    const opened = openRegistry(join(path, 'cloud'), { random: nodeRandom, clock: nodeClock });
    try {
      expect(opened.list().map(({ serial }) => serial)).toEqual(serials);
      for (const serial of serials) {
        const identity = await loadIdentity(join(path, 'devices', serial));
        expect(opened.keys(serial)).toEqual(registryEntryOf(identity).keys);
        expect(opened.knowsCertificate(serial, identity.certificateSha256)).toBe(true);
      }
    } finally {
      opened.close();
    }
  }

  test('killed in the middle, the same command completes the batch; killed again, too', async () => {
    const path = home();
    for (const enough of [20, 90]) {
      const child = start(path);
      await made(path, enough);
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(listSerials(join(path, 'devices')).length).toBeLessThan(COUNT);
    }
    const result = finish(path);
    await expectWhole(path, result);
    expect(JSON.parse(result.stdout).resumed).toBeGreaterThanOrEqual(90);
  });

  test('interrupted with Ctrl-C it says so, and the same command goes on', async () => {
    const path = home();
    const child = spawn(process.execPath, [compiled.main, ...command], {
      env: { ...process.env, AIRHERD_HOME: path },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    await made(path, 10);
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(complaint).toMatch(
      /^airherd: batch-interrupted: stopped after \d+ of 200 identities; the same command goes on from there\n$/,
    );
    await expectWhole(path, finish(path));
  });

  test('list, show, claim, revoke, renew; keys are never printed', async () => {
    const path = home();
    const airherd = (...args: string[]) => finish(path, args);
    const created = JSON.parse(airherd('device', 'create', '--kind', 'ap', '--count', '2', '--json').stdout);
    const [{ serial, claimCode }, other] = created.devices;
    expect(airherd('device', 'claim', claimCode.toLowerCase(), '--org', 'Acme', '--site', 'HQ').status).toBe(
      0,
    );
    expect(airherd('device', 'claim', other.serial, '--org', 'Acme', '--site', 'Lab').status).toBe(0);
    const refused = airherd('device', 'claim', 'AAAAA-AAAAA-AAAAA', '--org', 'Acme', '--site', 'HQ');
    expect([refused.status, refused.stderr]).toEqual([
      4,
      expect.stringMatching(/^airherd: claim-refused: .*\n$/),
    ]);

    const before = await loadIdentity(join(path, 'devices', serial));
    const renewed = airherd('device', 'renew', serial, '--days', '10');
    expect([renewed.status, renewed.stderr]).toEqual([0, '']);
    const after = await loadIdentity(join(path, 'devices', serial));
    expect(after.privateKeyPem).not.toBe(before.privateKeyPem);
    expect(after.notAfterMs).toBeLessThan(before.notAfterMs);

    expect(airherd('device', 'revoke', other.serial).status).toBe(0);
    expect(airherd('device', 'renew', other.serial).stderr).toMatch(/^airherd: device-revoked: /);
    const issued = readdirSync(join(path, 'ca', 'renewed'));
    expect(issued.filter((name) => name.startsWith(serial))).toHaveLength(1);
    expect(issued.filter((name) => name.startsWith(other.serial))).toEqual([]);
    expect(airherd('device', 'revoke', 'AH99').stderr).toMatch(/^airherd: device-unknown: /);

    const listed = airherd('device', 'list', '--json');
    expect(JSON.parse(listed.stdout)).toEqual([
      expect.objectContaining({ serial, state: 'claimed', org: 'Acme', site: 'HQ', local: true }),
      expect.objectContaining({
        serial: other.serial,
        state: 'revoked',
        org: 'Acme',
        site: 'Lab',
        local: true,
      }),
    ]);
    const shown = airherd('device', 'show', serial);
    expect(shown.stdout).toContain(claimCode);
    for (const { stdout } of [listed, shown, renewed]) {
      expect(stdout).not.toContain(after.privateKeyPem.split('\n')[1]);
      expect(stdout).not.toContain(after.factoryKey.toString('base64'));
      expect(stdout).not.toContain(after.factoryKey.toString('hex'));
    }
    const opened = openRegistry(join(path, 'cloud'), { random: nodeRandom, clock: nodeClock });
    // both, until the new one has logged in
    expect(opened.knowsCertificate(serial, before.certificateSha256)).toBe(true);
    expect(opened.knowsCertificate(serial, after.certificateSha256)).toBe(true);
    opened.close();
  });

  test('without an authority, and with nonsense, it is one clear line', () => {
    const path = join(dir, 'empty');
    const missing = finish(path);
    expect([missing.status, missing.stderr]).toEqual([
      3,
      `airherd: ca-missing: no certificate authority in ${join(path, 'ca')}; run: airherd certs init\n`,
    ]);
    for (const args of [
      ['--kind', 'router'],
      ['--kind', 'ap', '--count', '0'],
      ['--kind', 'ap', '--count', '1.5'],
      ['--kind', 'ap', '--model', 'x y'],
      [],
    ]) {
      const result = finish(path, ['device', 'create', ...args]);
      expect(result.status).toBe(2);
      expect(result.stderr).not.toContain('    at ');
    }
  });

  test('the threads give what one thread gives', async () => {
    const { manufacture }: typeof import('../../../certs/manufacture.ts') = await import(
      join(compiled.dist, 'certs', 'manufacture.js')
    );
    const identities = await manufacture({
      kind: 'ap',
      count: 40,
      authority,
      nowMs: Date.now(),
      batch: 7,
      cores: 2,
    });
    expect(identities.map(({ serial }) => serial)).toEqual(
      Array.from({ length: 40 }, (_, index) => `AH000007${String(index).padStart(6, '0')}`),
    );
    const home2 = join(dir, 'threads');
    const { saveIdentity }: typeof import('../../../certs/identity.ts') = await import(
      join(compiled.dist, 'certs', 'identity.js')
    );
    for (const identity of identities.slice(0, 3)) {
      await saveIdentity(join(home2, identity.serial), identity);
      expect(await loadIdentity(join(home2, identity.serial))).toEqual(identity);
      expect(statSync(join(home2, identity.serial)).mode & 0o777).toBe(0o700);
    }
  });
});
