import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callApi } from '../support/cloud.ts';
import { type CloudProcess, spawnCloud } from '../support/cloud-process.ts';
import type { Loose } from '../support/device-client.ts';
import { type FleetLab, fleetLab } from '../support/fleet-lab.ts';

const DEVICES = 120;
let lab: FleetLab;
let cloud: CloudProcess;

beforeAll(async () => {
  lab = await fleetLab(DEVICES);
  cloud = await spawnCloud(lab.compiled.main, lab.home);
});
afterAll(async () => {
  await cloud.end('SIGTERM');
  lab.close();
});

/** What the target's store holds, by its own count and message by message. */
async function stored(): Promise<{ stored: number; dropped: number; rows: string[] }> {
  const ledger: Loose[] = (await callApi(cloud, cloud.token, '/api/airherd/v1/ledger')).json;
  const download = await callApi(
    cloud,
    cloud.token,
    `/api/airherd/v1/orgs/${lab.orgId}/download/messages.ndjson`,
  );
  const rows = download.body
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line: string): Loose => JSON.parse(line))
    .filter(({ kind }: Loose) => kind === 'data')
    .map(({ serial, bootId, stream, seq }: Loose) => `${serial} ${bootId} ${stream} ${seq}`);
  const sum = (key: string) => ledger.reduce((total, row) => total + row[key], 0);
  return { stored: sum('stored'), dropped: sum('dropped'), rows };
}

test('produced = stored + counted drops through kill -9 of the target and a black hole; nothing is twice', async () => {
  const file = join(lab.home, 'load.yaml');
  writeFileSync(
    file,
    `
# Small outboxes: while nothing gets through, samples have to make room for each other.
outboxBytes: 4096
devices: ${DEVICES}
for: 20s
shape: { kind: ramp, rate: 60 }
telemetry: { rate: 10 }
workers: 2
timeout: 30s
backoff: { min: 500ms, max: 2s }
faults:
  - { kind: black-hole, from: 9s, for: 5s, of: 60% }
thresholds: [lost == 0, forgotten == 0]
`,
  );
  const { devicePort } = cloud;
  const run = lab.fleet(devicePort, [file]);
  await run.says(`${DEVICES} of ${DEVICES} connected`);
  await cloud.end('SIGKILL');
  cloud = await spawnCloud(lab.compiled.main, lab.home, ['--port', String(devicePort)]);
  const { report } = await run.ended;
  const { produced, acknowledged, dropped, lost, forgotten, logins } = report!.counters;
  expect(report?.thresholds.map(({ met }) => met)).toEqual([true, true]);
  expect(logins).toBeGreaterThanOrEqual(2 * DEVICES);
  expect({ lost, forgotten }).toEqual({ lost: 0, forgotten: 0 });
  const store = await stored();
  expect({ stored: store.stored, dropped: store.dropped }).toEqual({ stored: acknowledged, dropped });
  expect(store.stored + store.dropped).toBe(produced);
  expect(store.rows).toHaveLength(store.stored);
  expect(new Set(store.rows).size).toBe(store.stored);
});

describe('what the schedule does to devices, the target sees', () => {
  /** Until all has happened that is to happen, however long that takes; then it is ended. */
  const run = async (shape: string, until: Record<string, number>, ...more: string[]) => {
    const few = ['--devices', '30', '--rate', '40', '--shape', shape, '--at', '4s', '--workers', '1'];
    const args = [...few, '--for', '5m', '--prometheus', '0', ...more];
    const { child, counts, ended } = lab.fleet(cloud.devicePort, args);
    await counts(until);
    child.kill('SIGINT');
    const { code, report } = await ended;
    expect(code).toBe(13);
    return report!;
  };
  const refused = async (code: string): Promise<number> => {
    const { json } = await callApi(cloud, cloud.token, '/api/airherd/v1/refusals');
    return json.counts[code] ?? 0;
  };

  test('a wave of renewals, then all connections half open', async () => {
    const takeovers = await refused('session-replaced');
    const { counters, latenciesMs } = await run(
      'renewal-wave',
      { renewed: 30, cuts: 60, logins: 90, connected: 30 },
      ...['--spread', '1s', '--fault', 'half-open from=8s'],
    );
    expect(counters).toMatchObject({ renewed: 30, reached: 30, cuts: 60, failures: 0, lost: 0 });
    expect(latenciesMs.renewal.count).toBe(30);
    expect(latenciesMs.command.count).toBe(30);
    // The target had the old connections still when their devices came again.
    expect((await refused('session-replaced')) - takeovers).toBe(30);
  });

  test('a power cut: memory is lost and counted, and every device of the site boots once', async () => {
    const args = ['--sites', '1', '--site-devices', '15', '--down', '1s', '--jitter', '1s'];
    const { counters } = await run('power-cut', { logins: 45, connected: 30 }, ...args);
    // The certificates of the wave before are on disk: with the old ones nobody would get in.
    expect(counters).toMatchObject({ reached: 30, logins: 45, connected: 30, failures: 0 });
    const { produced, acknowledged, dropped, forgotten, lost } = counters;
    expect(produced).toBe(acknowledged + dropped + forgotten + lost);
  });

  test('an upgrade: all come back with the new firmware, and nothing is lost', async () => {
    const args = ['--batch', '15', '--every', '1s', '--down', '500ms'];
    const { counters } = await run('rolling-upgrade', { logins: 60, connected: 30 }, ...args);
    expect(counters).toMatchObject({ reached: 30, logins: 60, connected: 30, lost: 0, failures: 0 });
    const path = `/api/v1/sites/${lab.siteId}/stats/devices?limit=1000`;
    const devices: Loose[] = (await callApi(cloud, cloud.token, path)).json;
    expect(devices.filter(({ version }) => version === 'fleet-2')).toHaveLength(30);
  });
});
