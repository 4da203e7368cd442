/** kill -9 of the agent, then of the cloud, in mid-stream: stored = produced, and nothing twice. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Journal } from '../../agent/outbox/journal.ts';
import { type Identity, saveIdentity } from '../../certs/identity.ts';
import { manufacture } from '../../certs/manufacture.ts';
import { registryEntryOf } from '../../certs/registry-entry.ts';
import { openRegistry } from '../../cloud-stub/index.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { nodeFiles } from '../../platform/node/files.ts';
import { nodeRandom } from '../../platform/node/random.ts';
import { deriveKey } from '../../protocol/proof.ts';
import { sharedAuthority } from '../support/authority.ts';
import { callApi } from '../support/cloud.ts';
import { type CloudProcess, spawnCloud } from '../support/cloud-process.ts';
import { type Compiled, compile } from '../support/compiled.ts';

interface LedgerRow {
  bootId: string;
  stream: string;
  highest: number;
  stored: number;
  dropped: number;
  aheadOfHole: number;
}

let compiled: Compiled;
let home: string;
let identity: Identity;
let outbox: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  compiled = compile();
  home = mkdtempSync(join(tmpdir(), 'airherd-home-'));
  const authority = await sharedAuthority();
  cpSync(authority.dir, join(home, 'ca'), { recursive: true });
  [identity] = await manufacture({ kind: 'ap', count: 1, authority, nowMs: Date.now() });
  await saveIdentity(join(home, 'devices', identity.serial), identity);
  outbox = join(home, 'devices', identity.serial, 'outbox');
  const registry = openRegistry(join(home, 'cloud'), { random: nodeRandom, clock: nodeClock });
  await registry.add([registryEntryOf(identity)]);
  const org = registry.organisations.ensure('Kill');
  const site = registry.organisations.ensureSite(org.id, 'Site');
  registry.claim({ serial: identity.serial, orgId: org.id, siteId: site.id });
  registry.close();
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

const ledger = async (cloud: CloudProcess): Promise<LedgerRow[]> =>
  (await callApi(cloud, cloud.token, '/api/airherd/v1/ledger')).json;
const stored = (rows: LedgerRow[]): number => rows.reduce((sum, row) => sum + row.stored, 0);

function startAgent(cloud: CloudProcess, ...args: string[]): ChildProcess {
  const child = spawn(
    process.execPath,
    [
      compiled.main,
      ...['agent', '--identity', join(home, 'devices', identity.serial)],
      ...['--cloud', `mqtts://127.0.0.1:${cloud.devicePort}`, ...args],
    ],
    {
      env: {
        ...process.env,
        AIRHERD_HOME: home,
        AIRHERD_AGENT_REPORT_FLUSH_MS: '10',
        AIRHERD_AGENT_BACKOFF_MIN_MS: '20',
        AIRHERD_AGENT_BACKOFF_MAX_MS: '100',
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  child.stdin?.on('error', () => {});
  children.push(child);
  return child;
}

/** The same Wi-Fi capture over and over, as long as it is taken. Never more than the pipe holds is ahead. */
function feed(child: ChildProcess): { stop(): void; rounds(): number } {
  const whole = readFileSync(new URL('../../fixtures/demo/hwsim-wpa2eap-radiotap.pcap', import.meta.url));
  let going = true;
  let rounds = 0;
  const write = (bytes: Buffer) =>
    new Promise<void>((resolve) => child.stdin?.write(bytes, () => resolve()) ?? resolve());
  void (async () => {
    await write(whole.subarray(0, 24));
    while (going && child.exitCode === null && child.signalCode === null) {
      await write(whole.subarray(24));
      rounds++;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    child.stdin?.end();
  })();
  return {
    stop: () => {
      going = false;
    },
    rounds: () => rounds,
  };
}

async function until<T>(look: () => Promise<T>, good: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await look();
    if (good(value)) return value;
  }
}

/** What lies in the outbox of the dead agent: last seq of each boot and stream. */
async function pendingOnDisk(): Promise<Map<string, number>> {
  const copy = mkdtempSync(join(tmpdir(), 'airherd-outbox-'));
  cpSync(outbox, copy, { recursive: true });
  const journal = new Journal({
    files: nodeFiles(copy),
    clock: nodeClock,
    random: nodeRandom,
    keys: [{ generation: 1, key: deriveKey(identity.factoryKey, 'outbox', identity.serial) }],
    segmentBytes: 1 << 20,
    compactBytes: 1 << 30,
    fsyncMs: 0,
    onFault: (error) => {
      throw error;
    },
    onUnreadable: (name) => {
      throw new Error(name);
    },
  });
  const { entries, lost } = await journal.recover();
  expect(lost).toEqual([]);
  rmSync(copy, { recursive: true });
  const last = new Map<string, number>();
  for (const { boot, stream, to } of entries) {
    const key = `${boot} ${stream}`;
    last.set(key, Math.max(last.get(key) ?? 0, to));
  }
  return last;
}

function expectNoHoles(rows: LedgerRow[]): void {
  for (const row of rows) expect(row).toMatchObject({ aheadOfHole: 0, stored: row.highest - row.dropped });
}

test('the agent, then the cloud', { timeout: 120_000 }, async () => {
  let cloud = await spawnCloud(compiled.main, home);
  const port = String(cloud.devicePort);

  // The agent dies.
  const first = startAgent(cloud, '--source', 'stdin', '--stream');
  feed(first);
  await until(
    () => ledger(cloud),
    (rows) => stored(rows) > 40,
  );
  expect(listening(first.pid ?? 0)).toEqual([]);
  first.kill('SIGKILL');
  await once(first, 'exit');
  const left = await pendingOnDisk();

  // The next boot delivers what it left, goes on, and the cloud dies under it.
  const second = startAgent(cloud, '--source', 'stdin', '--stream', '--exit-when-done', '--json');
  let summary = '';
  let complaints = '';
  second.stdout?.on('data', (chunk) => {
    summary += chunk;
  });
  second.stderr?.on('data', (chunk) => {
    complaints += chunk;
  });
  const feeding = feed(second);
  const before = stored(await ledger(cloud));
  await until(
    () => ledger(cloud),
    (rows) => stored(rows) > before + 40,
  );
  await cloud.end('SIGKILL');
  cloud = await spawnCloud(compiled.main, home, ['--port', port]);
  await until(
    () => ledger(cloud),
    (rows) => stored(rows) > before + 80,
  );
  feeding.stop();
  const [code] = await once(second, 'exit');
  expect(`${code} ${complaints}`).toMatch(/^0 /);

  const rows = await ledger(cloud);
  expectNoHoles(rows);
  for (const [key, highest] of left) {
    const [boot, stream] = key.split(' ');
    expect(rows.find((row) => row.bootId === boot && row.stream === stream)?.highest).toBe(highest);
  }
  const report: { ledger: { stream: string; produced: number; dropped: number; pending: number }[] } =
    JSON.parse(summary);
  const secondBoot = rows.filter((row) => ![...left.keys()].some((key) => key.startsWith(row.bootId)));
  expect(new Set(secondBoot.map((row) => row.bootId)).size).toBe(1);
  for (const { stream, produced, dropped, pending } of report.ledger) {
    expect(pending).toBe(0);
    const row = secondBoot.find((candidate) => candidate.stream === stream);
    expect({ stream, stored: row?.stored, dropped: row?.dropped }).toEqual({
      stream,
      stored: produced - dropped,
      dropped,
    });
  }
  await cloud.end('SIGTERM');
});

/** Inodes of listening TCP sockets that the process holds: /proc/net/tcp, state 0A. */
function listening(pid: number): string[] {
  const listeners = new Set(
    ['tcp', 'tcp6'].flatMap((family) =>
      readFileSync(`/proc/${pid}/net/${family}`, 'utf8')
        .split('\n')
        .slice(1)
        .map((line) => line.trim().split(/\s+/))
        .filter((fields) => fields[3] === '0A')
        .map((fields) => fields[9]),
    ),
  );
  expect(listeners.size).toBeGreaterThan(0);
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${fd}`)) ?? [];
    return inode !== undefined && listeners.has(inode) ? [inode] : [];
  });
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
