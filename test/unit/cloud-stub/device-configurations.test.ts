import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRegistry, type Registry } from '../../../cloud-stub/index.ts';
import { nodeRandom } from '../../../platform/node/random.ts';
import { VirtualClock } from '../../../platform/sim/clock.ts';

const SERIAL = 'AH0000000001';
const dir = mkdtempSync(join(tmpdir(), 'airherd-configurations-'));
let registry: Registry;

beforeEach(() => {
  registry = openRegistry(dir, { random: nodeRandom, clock: new VirtualClock(1_790_000_000_000) });
});
afterEach(() => {
  registry.close();
  rmSync(dir, { recursive: true, force: true });
});

test('what an earlier boot left does not undo how a version ended; an organisation that ends takes its settings along', () => {
  const { configurations, organisations } = registry;
  const keys = { deviceProof: nodeRandom.bytes(32), cloudProof: nodeRandom.bytes(32) };
  const identity = { serial: SERIAL, kind: 'ap', model: 'AH-AP-1', mac: '02:00:00:00:00:01' } as const;
  registry.adopt({ ...identity, revokedMs: null, keys, certificates: [] }, null);
  const { id: orgId } = organisations.ensure('Example');
  registry.claim({ serial: SERIAL, orgId, siteId: organisations.ensureSite(orgId, 'Hall').id });

  const wanted = { settings: { report: { statsMs: 5000 } }, confirmTimeoutS: 60 };
  expect(configurations.set(SERIAL, wanted, 0)).toMatchObject({ version: 1, state: 'pending' });
  expect(() => configurations.set(SERIAL, wanted, 0)).toThrow(/of version 1, not 0/);
  const report = { version: 1, running: 0, problems: ['late'] };
  configurations.report(SERIAL, { ...report, state: 'rolled-back' });
  configurations.report(SERIAL, { ...report, state: 'applied', problems: [] });
  expect(configurations.newest(SERIAL)).toMatchObject({ state: 'rolled-back', problems: ['late'] });

  organisations.destroy(orgId);
  expect(configurations.history(SERIAL)).toEqual([
    expect.objectContaining({ version: 2, settings: {}, state: 'pending' }),
  ]);
});
