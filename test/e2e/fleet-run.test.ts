import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { saveIdentity } from '../../certs/identity.ts';
import { manufacture } from '../../certs/manufacture.ts';
import { cloudOnThisMachine } from '../../cli/cloud-api.ts';
import { readOperatorFile } from '../../cli/commands/cloud/operator-file.ts';
import type { FleetReport } from '../../fleet/index.ts';
import { type CloudProcess, spawnCloud } from '../support/cloud-process.ts';
import { type FleetLab, fleetLab } from '../support/fleet-lab.ts';
import { rawTarget } from '../support/fleet-target.ts';

let lab: FleetLab;
let home: string;
let cloud: CloudProcess;

beforeAll(async () => {
  lab = await fleetLab(50);
  home = lab.home;
  cloud = await spawnCloud(lab.compiled.main, home);
});
afterAll(async () => {
  await cloud.end('SIGTERM');
  lab.close();
});

/** Machines that run tests are busy: how late the generator may be is not judged here. */
const patient = (): string => {
  const path = join(home, 'patient.yaml');
  writeFileSync(path, 'generator: { maxSlip: 20s, maxLoopDelay: 20s }\n');
  return path;
};
const fleet = (port: number, args: string[]) => lab.fleet(port, args);

test('fifty devices prove themselves one by one on two threads, and all that they say is stored', async () => {
  const junit = join(home, 'report.xml');
  const csv = join(home, 'report.csv');
  const { code, report, errors } = await fleet(cloud.devicePort, [
    patient(),
    ...[
      '--devices',
      '50',
      '--rate',
      '25',
      '--for',
      '6s',
      '--telemetry',
      '10',
      '--workers',
      '2',
      '--commands',
      '10',
    ],
    ...['--threshold', 'connect.p99 < 1m', 'lost == 0', '--junit', junit, '--csv', csv],
  ]).ended;
  expect(errors).toContain('50 connections');
  expect(report?.reasons).toEqual([]);
  expect(code).toBe(0);
  expect(report?.counters).toMatchObject({ started: 50, reached: 50, connected: 50, logins: 50, lost: 0 });
  expect(report?.counters.acknowledged).toBeGreaterThan(50);
  const logged = (text: string) =>
    cloud
      .log()
      .split('\n')
      .filter((line) => line.includes(text));
  const loggedIn = logged('device logged in');
  expect(new Set(loggedIn.map((line) => JSON.parse(line).serial)).size).toBe(50);
  expect(report?.latenciesMs.connect.count).toBe(50);
  expect(report?.latenciesMs.ack.count).toBe(report?.counters.acknowledged);
  expect(report?.counters.commanded).toBeGreaterThan(10);
  expect(report?.counters.answered).toBe(report?.counters.commanded);
  expect(report?.latenciesMs.roundTrip.count).toBe(report?.counters.commanded);
  expect(report?.latenciesMs.command.count).toBe(report?.counters.commanded);
  expect(readFileSync(junit, 'utf8')).toContain('tests="3" failures="0"');
  expect(readFileSync(csv, 'utf8')).toContain('acknowledged,count,');
});

test('one worker and four count the same', async () => {
  const counters = async (workers: string) => {
    const args = ['--devices', '40', '--rate', '40', '--for', '5s', '--telemetry', '0'];
    const { report } = await fleet(cloud.devicePort, [...args, '--workers', workers]).ended;
    return report?.counters;
  };
  const one = await counters('1');
  expect(one).toMatchObject({ started: 40, reached: 40, logins: 40, lost: 0 });
  expect(await counters('4')).toEqual(one);
});

test('a missed threshold has an exit code of its own', async () => {
  const args = [
    patient(),
    '--devices',
    '1',
    '--rate',
    '1',
    '--for',
    '1s',
    '--threshold',
    'connect.p50 < 1us',
  ];
  expect(await fleet(cloud.devicePort, args).ended).toMatchObject({ code: 11 });
});

test('Ctrl-C ends within five seconds, with a whole report', async () => {
  const run = fleet(cloud.devicePort, ['--devices', '20', '--rate', '100', '--for', '10m', '--workers', '2']);
  await run.says('20 of 20 connected');
  const startMs = performance.now();
  run.child.kill('SIGINT');
  const { code, report } = await run.ended;
  expect(performance.now() - startMs).toBeLessThan(5_000);
  expect(code).toBe(13);
  expect(report?.counters).toMatchObject({ started: 20, logins: 20 });
});

test.each([
  ['while identities are loaded', 'needs '],
  ['in the middle of a ramp', '5 s:'],
])('Ctrl-C %s ends within five seconds too, and leaves nobody behind', async (_when, said) => {
  const run = fleet(cloud.devicePort, ['--devices', '50', '--rate', '5', '--for', '10m', '--workers', '2']);
  await run.says(said);
  const { pid } = run.child;
  const startMs = performance.now();
  run.child.kill('SIGINT');
  const { code, report } = await run.ended;
  expect(performance.now() - startMs).toBeLessThan(5_000);
  expect(code).toBe(13);
  expect(report?.outcome).toBe('aborted');
  expect(() => statSync(`/proc/${pid}`)).toThrow();
});

describe.concurrent('a target that cannot be had is named, within bounded time', () => {
  const flags = ['--devices', '5', '--rate', '10', '--for', '10m', '--give-up', '2s', '--workers', '1'];
  const few = () => [patient(), ...flags];
  test.each([
    ['accepts and never answers', () => rawTarget(() => {})],
    ['closes at once', () => rawTarget((socket) => socket.destroy())],
    ['answers garbage', () => rawTarget((socket) => socket.end('220 not what you expect\r\n'))],
  ])('%s', async (_what, start) => {
    const target = await start();
    const { code, report } = await fleet(target.port, few()).ended;
    await target.close();
    expect(code).toBe(10);
    expect(report?.reasons.join()).toContain('let nobody in within 2 s');
    expect(report?.counters.reached).toBe(0);
  });

  test('is down', async () => {
    const gone = await rawTarget(() => {});
    await gone.close();
    const { code, report } = await fleet(gone.port, few()).ended;
    expect(code).toBe(10);
    expect(report?.failuresByCode['cloud-unreachable']).toBeGreaterThan(0);
  });
});

test('in simulated shops, the cloud hears of whoever is there', async () => {
  const flags = ['--devices', '4', '--site-devices', '2', '--rate', '4', '--for', '8s', '--telemetry', '5'];
  const { report } = await fleet(cloud.devicePort, [patient(), ...flags, '--world', 'shop']).ended;
  expect(report).toMatchObject({ outcome: 'passed', counters: { reached: 4, lost: 0 } });
  const api = cloudOnThisMachine((await readOperatorFile(join(home, 'cloud')))!);
  const clients = await api.json<{ mac: string }[]>(`/api/v1/sites/${lab.siteId}/stats/clients`);
  // The other runs' made frames have clients 02:00 to 02:03, and hosts 02:10 to 02:13.
  expect(clients.filter(({ mac }) => !/^02:?[01][0-3]/.test(mac)).length).toBeGreaterThan(2);
});

test('what this machine lacks is the generator’s limit, and no fault of the target', async () => {
  // Of RFC 5737: no machine has it.
  const flags = ['--devices', '1', '--rate', '1', '--for', '1s', '--local-address', '192.0.2.1'];
  const { code, report } = await fleet(cloud.devicePort, [patient(), ...flags]).ended;
  expect(code).toBe(12);
  expect(Object.keys(report?.failuresByCode ?? {})).toEqual(['local-limit']);
  expect(report?.reasons.join()).toContain('local ports or open files');
});

test('what cannot be begun is said before anything starts', async () => {
  const refused = async (args: string[]) => {
    const { code, errors } = await fleet(1, args).ended;
    return { code, errors };
  };
  expect(await refused(['--devices', '51', '--rate', '51'])).toMatchObject({
    code: 3,
    errors: expect.stringContaining('airherd device create --kind ap --count 1'),
  });
  expect(await refused(['--devices', '0', '--rate', '1'])).toMatchObject({ code: 2 });
  const [low, high] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/).map(Number);
  const most = high - low + 1;
  const ports = ['--devices', String(most + 1), '--rate', '10000'];
  expect(await refused(ports)).toMatchObject({
    code: 2,
    errors: expect.stringMatching(/local ports .*--local-address 127\.0\.0\.2 127\.0\.0\.3/),
  });
  // Ports enough with two addresses: then there are not so many devices.
  expect((await refused([...ports, '--local-address', '127.0.0.2', '127.0.0.3'])).errors).not.toContain(
    'ports',
  );
  const limited = spawnSync(
    'sh',
    [
      '-c',
      'ulimit -n 512 && exec "$@"',
      'sh',
      process.execPath,
      ...[
        lab.compiled.main,
        'fleet',
        'plan',
        '--devices',
        '600',
        '--rate',
        '50',
        '--cloud',
        'mqtts://localhost',
      ],
    ],
    { encoding: 'utf8', env: { ...process.env, AIRHERD_HOME: home } },
  );
  expect(limited.stderr).toMatch(/fleet-resources: .*open files.*ulimit -n 664/);
  expect(limited.status).toBe(2);
  const [stale] = await manufacture({
    kind: 'ap',
    count: 1,
    authority: lab.authority,
    nowMs: Date.now() - 400 * 86_400_000,
    days: 30,
  });
  const old = join(home, 'old');
  await saveIdentity(join(old, stale.serial), stale);
  const expired = await refused(['--devices', '1', '--rate', '1', '--identities', old]);
  expect(expired).toMatchObject({
    code: 3,
    errors: expect.stringContaining(`fleet-expired: the certificate of ${stale.serial}`),
  });
  const elsewhere = await refused(['--devices', '1', '--rate', '1', '--cloud', 'mqtts://example.org']);
  expect(elsewhere).toMatchObject({ code: 2, errors: expect.stringContaining('--i-own-this-target') });
});

describe('with a cloud of its own', () => {
  /** A home with nothing in it but the authority of such a run, which takes seconds to make. */
  const bare = () => {
    const empty = mkdtempSync(join(tmpdir(), 'airherd-bare-'));
    cpSync(lab.authority.dir, join(empty, 'fleet', 'ca'), { recursive: true });
    return empty;
  };
  const start = (own: string, args: string[]) =>
    spawn(
      process.execPath,
      [lab.compiled.main, 'fleet', 'run', patient(), '--with-cloud', '--json', '--workers', '1', ...args],
      { env: { ...process.env, AIRHERD_HOME: own }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
  /** Process ids of clouds whose state is in a home. */
  const clouds = (own: string): string[] =>
    readdirSync('/proc').filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(join(own, 'fleet'));
      } catch {
        return false;
      }
    });

  test('nothing else is needed, and nothing is left running', async () => {
    const own = bare();
    const child = start(own, ['--devices', '3', '--for', '3s']);
    const [out] = await Promise.all([text(child.stdout), once(child, 'close')]);
    expect(child.exitCode).toBe(0);
    const { counters } = JSON.parse(out) as FleetReport;
    expect(counters).toMatchObject({ reached: 3, logins: 3, lost: 0 });
    expect(counters.acknowledged).toBeGreaterThan(3);
    expect(clouds(own)).toEqual([]);
    rmSync(own, { recursive: true });
  });

  test('a run that is killed takes its cloud with it', async () => {
    const own = bare();
    const child = start(own, ['--devices', '1', '--for', '10m']);
    let said = '';
    for await (const chunk of child.stderr) {
      said += chunk;
      if (said.includes('1 of 1 connected')) break;
    }
    const [cloud] = clouds(own);
    expect(cloud).toBeDefined();
    child.kill('SIGKILL');
    await once(child, 'close');
    await vi.waitFor(() => expect(clouds(own)).toEqual([]), { timeout: 20_000 });
    rmSync(own, { recursive: true });
  });

  test('a target of somebody else and a cloud of its own are not both meant', async () => {
    const { code, errors } = await fleet(1, ['--devices', '1', '--with-cloud']).ended;
    expect(code).toBe(2);
    expect(errors).toContain('--with-cloud');
  });
});
