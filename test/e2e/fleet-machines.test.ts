/** A run on several machines: processes that share nothing but a broker and the same pack. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { manufacture } from '../../certs/manufacture.ts';
import { PackWriter } from '../../certs/pack/write.ts';
import { registryEntryOf } from '../../certs/registry-entry.ts';
import { openRegistry } from '../../cloud-stub/index.ts';
import type { FleetReport } from '../../fleet/index.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { nodeRandom } from '../../platform/node/random.ts';
import type { RunningBroker } from '../../testing/brokers/broker.ts';
import { sharedAuthority } from '../support/authority.ts';
import { startForeign } from '../support/brokers.ts';
import { type CloudProcess, spawnCloud } from '../support/cloud-process.ts';
import { compile } from '../support/compiled.ts';

const DEVICES = 24;
let main: string;
let home: string;
let pack: string;
let key: string;
let cloud: CloudProcess;
let broker: RunningBroker;

beforeAll(async () => {
  ({ main } = compile());
  home = mkdtempSync(join(tmpdir(), 'airherd-machines-'));
  const authority = await sharedAuthority();
  cpSync(authority.dir, join(home, 'ca'), { recursive: true });
  const identities = await manufacture({ kind: 'ap', count: DEVICES, authority, nowMs: Date.now() });
  const registry = openRegistry(join(home, 'cloud'), { random: nodeRandom, clock: nodeClock });
  await registry.add(identities.map(registryEntryOf));
  const org = registry.organisations.ensure('Fleet');
  const site = registry.organisations.ensureSite(org.id, 'Site');
  for (const { serial } of identities) registry.claim({ serial, orgId: org.id, siteId: site.id });
  registry.close();
  [pack, key] = [join(home, 'fleet.pack'), join(home, 'fleet.key')];
  writeFileSync(key, Buffer.alloc(32, 9), { mode: 0o600 });
  const writer = await PackWriter.create(pack, { keyFile: Buffer.alloc(32, 9) });
  await writer.add(identities);
  await writer.finish();
  cloud = await spawnCloud(main, home);
  broker = await startForeign('mosquitto');
}, 120_000);
afterAll(async () => {
  await cloud?.end('SIGTERM');
  await broker?.remove();
  rmSync(home, { recursive: true, force: true });
});

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});

function airherd(args: string[]) {
  const child = spawn(process.execPath, [main, 'fleet', ...args], {
    env: { ...process.env, AIRHERD_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let [out, errors] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, errors }));
  return {
    child,
    ended,
    async said(text: string): Promise<void> {
      while (!errors.includes(text)) {
        if (child.exitCode !== null) throw new Error(`it ended, and said ${errors}`);
        await Promise.race([once(child.stderr, 'data'), ended]);
      }
    },
  };
}

const via = (run: string) => ['--via', broker.url, '--run', run];
const identities = () => ['--pack', pack, '--pack-key', key];
const settings = (length: string) => [
  ...['--cloud', `mqtts://127.0.0.1:${cloud.devicePort}`, '--devices', String(DEVICES), '--rate', '24'],
  ...['--for', length, '--telemetry', '10'],
];
/** Machines that run tests are busy: how late the generator is, is not what is tested. */
const lenient = (): string => {
  const file = join(home, 'run.yaml');
  writeFileSync(file, 'generator: { maxSlip: 1m, maxLoopDelay: 1m }\n');
  return file;
};

describe('over a broker', () => {
  test('two workers make one run: every device once, one report, clocks measured', async () => {
    const names = ['left', 'right'];
    const workers = names.map((name) => airherd(['work', ...via('two'), ...identities(), '--name', name]));
    const coordinator = airherd([
      ...['coordinate', lenient(), ...via('two'), ...settings('4s'), '--machines', '2', '--json'],
    ]);
    const { code, out, errors } = await coordinator.ended;
    expect(errors).toMatch(/clock of +left: \d+\.\d ms (ahead|behind) of ours/);
    const report: FleetReport = JSON.parse(out);
    expect(report.reasons).toEqual([]);
    expect(code).toBe(0);
    expect(report.counters).toMatchObject({ started: DEVICES, reached: DEVICES, logins: DEVICES, lost: 0 });
    expect(report.counters.acknowledged).toBe(report.counters.produced);
    expect(report.latenciesMs.connect.count).toBe(DEVICES);
    expect(report.latenciesMs.ack.count).toBe(report.counters.acknowledged);
    expect(report.machines.map(({ name, state }) => [name, state])).toEqual(
      expect.arrayContaining(names.map((name) => [name, 'finished'])),
    );
    // Both had part in it, and both clocks are this machine's.
    for (const { shards, clockOffsetMs } of report.machines) {
      expect(shards).toHaveLength(2);
      expect(Math.abs(clockOffsetMs)).toBeLessThan(2_000);
    }
    for (const { ended } of workers) expect((await ended).code).toBe(0);
  }, 120_000);

  test('a worker is killed: its shares go on elsewhere within ten seconds, and the counts are right', async () => {
    const [stays, dies] = ['stays', 'dies'].map((name) =>
      airherd(['work', ...via('kill'), ...identities(), '--name', name]),
    );
    const coordinator = airherd([
      ...['coordinate', lenient(), ...via('kill'), ...settings('14s'), '--machines', '2', '--json'],
    ]);
    await coordinator.said(`${DEVICES} of ${DEVICES} connected`);
    const killedMs = performance.now();
    dies.child.kill('SIGKILL');
    await coordinator.said('worker dies is lost');
    await stays.said('share 4 of 4 is ready');
    await stays.said('share 1 of 4 is ready');
    await stays.said('share 2 of 4 is ready');
    await stays.said('share 3 of 4 is ready');
    expect(performance.now() - killedMs).toBeLessThan(10_000);
    const { code, out } = await coordinator.ended;
    const report: FleetReport = JSON.parse(out);
    expect(report.reasons).toEqual([]);
    expect(code).toBe(0);
    const { started, reached, connected, logins, produced, acknowledged, dropped, forgotten, lost } =
      report.counters;
    expect({ started, reached, connected, lost }).toEqual({
      started: DEVICES,
      reached: DEVICES,
      connected: DEVICES,
      lost: 0,
    });
    // Those of the lost worker logged in twice.
    expect(logins).toBeGreaterThan(DEVICES);
    expect(logins).toBeLessThan(2 * DEVICES);
    expect(produced).toBe(acknowledged + dropped + forgotten);
    expect(report.machines).toContainEqual(
      expect.objectContaining({ name: 'dies', state: 'lost', shards: [] }),
    );
    expect((await stays.ended).code).toBe(0);
  }, 120_000);

  test('workers that do not come, and identities that differ, are named', async () => {
    const alone = airherd([
      ...['coordinate', ...via('none'), ...settings('4s'), '--machines', '2', '--wait', '1s'],
    ]);
    expect(await alone.ended).toMatchObject({
      code: 5,
      errors: expect.stringContaining('only 0 of 2 workers came'),
    });
    const few = airherd(['work', ...via('few'), '--identities', join(home, 'nothing'), '--name', 'few']);
    const run = airherd(['coordinate', ...via('few'), ...settings('4s'), '--machines', '1']);
    expect(await run.ended).toMatchObject({
      code: 3,
      errors: expect.stringContaining('has 0 identities, 24 are needed'),
    });
    await few.ended;
  }, 120_000);
});

test('parts without a coordinator begin together, and merge to the whole without loss', async () => {
  const startsAt = new Date(Date.now() + 4_000).toISOString();
  const files = [0, 1].map((index) => join(home, `part-${index}.json`));
  const parts = files.map((out, index) =>
    airherd([
      ...['part', lenient(), ...settings('9s'), ...identities(), '--starts-at', startsAt],
      ...['--index', String(index), '--of', '2', '--out', out],
    ]),
  );
  for (const { ended } of parts) expect((await ended).code).toBe(0);
  const merged = await airherd(['merge', ...files, '--json']).ended;
  expect(merged.code).toBe(0);
  const report: FleetReport = JSON.parse(merged.out);
  expect(report.counters).toMatchObject({ started: DEVICES, reached: DEVICES, logins: DEVICES, lost: 0 });
  expect(report.latenciesMs.connect.count).toBe(DEVICES);
  const half = await airherd(['merge', files[0], '--json']).ended;
  expect(half.code).toBe(12);
  expect(JSON.parse(half.out).reasons.join()).toContain("1 of the generator's workers died");
}, 120_000);
