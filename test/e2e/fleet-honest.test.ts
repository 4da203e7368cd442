import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueServer } from '../../certs/issue-server.ts';
import { type FleetLab, fleetLab } from '../support/fleet-lab.ts';
import { type MeasuredTargetOptions, percentile, startMeasuredTarget } from '../support/measured-target.ts';

const DEVICES = 60;
/** The generator's limits are for numbers; what is judged here is compared with the target's own. */
const BUSY = ['--workers', '1'];
let lab: FleetLab;
let server: MeasuredTargetOptions['server'];

beforeAll(async () => {
  lab = await fleetLab(DEVICES);
  const nowMs = Date.now();
  server = await issueServer(lab.authority, { names: ['localhost'], ips: ['127.0.0.1'], days: 2, nowMs });
});
afterAll(() => lab.close());

const target = (options: Partial<MeasuredTargetOptions> = {}) =>
  startMeasuredTarget({
    server,
    clientCaPem: [lab.authority.rootPem, lab.authority.devices.pem],
    identities: lab.identities,
    ...options,
  });

test('a known distribution of delays is measured within 5 % at p50, p99 and p99.9', async () => {
  // 98.4 % from 300 to 500 ms, 1.4 % from 1.2 to 1.6 s, 0.2 % of 2.5 s; in an order that is not sorted.
  const delayMs = (n: number) => {
    const k = (n * 379) % 1000;
    if (k < 2) return 2500;
    return k < 16 ? 1200 + k * 25 : 300 + (k % 200);
  };
  const known = await target({ ackDelayMs: delayMs });
  const { report } = await lab.fleet(known.port, [
    ...['--devices', String(DEVICES), '--rate', '60', '--for', '11s', '--telemetry', '20', ...BUSY],
  ]).ended;
  await known.close();
  const took = known.tookMs();
  const { ack } = report!.latenciesMs;
  expect(ack.count).toBeGreaterThan(2000);
  for (const [p, measured] of [
    [50, ack.p50],
    [99, ack.p99],
    [99.9, ack.p999],
  ] as const) {
    const truth = percentile(took, p);
    expect(measured! / truth, `p${p}: ${measured} against ${truth}`).toBeGreaterThan(0.95);
    expect(measured! / truth, `p${p}: ${measured} against ${truth}`).toBeLessThan(1.05);
  }
  // And everybody was who he said: N certificates, N proofs.
  for (const what of ['serial', 'certificate', 'proof'] as const) {
    expect(new Set(known.logins.map((login) => login[what])).size).toBe(DEVICES);
  }
});

test('a target that stands still for two seconds shows in full: the schedule did not wait for it', async () => {
  const stalling = await target();
  const run = lab.fleet(stalling.port, [
    ...['--devices', String(DEVICES), '--rate', '60', '--for', '8s', '--telemetry', '20', ...BUSY],
  ]);
  await run.says('60 of 60 connected');
  stalling.stall(2000);
  const { report } = await run.ended;
  await stalling.close();
  const { ack } = report!.latenciesMs;
  // A fifth of the run: more than one in a hundred waited for nearly all of it.
  expect(ack.p99!).toBeGreaterThan(1800);
  expect(ack.p99! / percentile(stalling.tookMs(), 99)).toBeGreaterThan(0.95);
  // What was due meanwhile was produced meanwhile, and not left out.
  const waited = stalling.tookMs().filter((ms) => ms > 200).length;
  // Of eight seconds; the last 200 ms of the stall are not seen as such.
  expect(waited).toBeGreaterThan((report!.counters.acknowledged / 8) * 1.8 * 0.8);
});

test('a generator that gets no processor says so, and exits with its code', async () => {
  const good = await target();
  const run = lab.fleet(good.port, ['--devices', '40', '--rate', '10', '--for', '5s', ...BUSY]);
  await run.says('connections');
  // Stopped in turns: it has a tenth of a processor.
  const starving = setInterval(() => {
    run.child.kill('SIGSTOP');
    setTimeout(() => run.child.kill('SIGCONT'), 600);
  }, 700);
  const { code, report } = await run.ended;
  clearInterval(starving);
  await good.close();
  expect(code).toBe(12);
  expect(report?.outcome).toBe('generator-limit');
  expect(report?.reasons.join()).toMatch(/generator (was late|'s event loop)|event loop was late/);
});

describe.concurrent('a target that is not good is named, within bounded time', () => {
  const few = ['--devices', '5', '--rate', '10', '--for', '10m', '--give-up', '2s', '--workers', '1'];
  test('closes at CONNECT', async () => {
    const closing = await target({ closesAtConnect: true });
    const { code, report } = await lab.fleet(closing.port, few).ended;
    await closing.close();
    expect(code).toBe(10);
    expect(report?.failuresByCode['login-cut']).toBeGreaterThan(0);
  });
  test('refuses the certificates', async () => {
    const stranger = await target({ clientCaPem: [] });
    const { code, report } = await lab.fleet(stranger.port, few).ended;
    await stranger.close();
    expect(code).toBe(10);
    expect(report?.reasons.join()).toContain('let nobody in within 2 s');
    expect(Object.keys(report!.failuresByCode).join()).toMatch(/login-cut|tls-refused/);
  });
  test('acknowledges nothing', async () => {
    const silent = await target({ ackDelayMs: () => null });
    const { code, report } = await lab.fleet(silent.port, few).ended;
    await silent.close();
    expect(code).toBe(10);
    expect(report?.reasons.join()).toContain('acknowledged nothing within 2 s');
    expect(report?.counters).toMatchObject({ reached: 5, acknowledged: 0 });
    expect(report?.counters.produced).toBe(report?.counters.lost);
  });
});
