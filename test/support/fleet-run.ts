import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Identity, saveIdentity } from '../../certs/identity.ts';
import { startWorkers } from '../../cli/commands/fleet/workers.ts';
import {
  coordinateRun,
  type FleetConfigInput,
  type FleetReport,
  parseFleetConfig,
} from '../../fleet/index.ts';
import { nodeClock } from '../../platform/node/clock.ts';

/** `airherd fleet run` in this process, with these identities. */
export async function fleetRun(
  identities: readonly Identity[],
  input: Omit<FleetConfigInput, 'devices'>,
): Promise<FleetReport> {
  const dir = mkdtempSync(join(tmpdir(), 'airherd-fleet-run-'));
  try {
    for (const identity of identities) await saveIdentity(join(dir, identity.serial), identity);
    const config = parseFleetConfig(
      {
        // Machines that run tests are busy: how late the generator is, is not what is tested.
        generator: { maxSlip: '1m', maxLoopDelay: '1m' },
        ...input,
        devices: identities.length,
      },
      'test',
    );
    const serials = identities.map(({ serial }) => serial);
    const workers = startWorkers({ config, serials, source: { dir }, api: null, workers: 1 });
    return await coordinateRun(config, workers, nodeClock, () => {}, new AbortController().signal);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
