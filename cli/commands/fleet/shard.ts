/** One worker's part, in whatever thread it runs: its identities loaded, then its share of the schedule. */
import { join } from 'node:path';
import { type Identity, loadIdentity, saveIdentity } from '../../../certs/identity.ts';
import {
  type FleetConfig,
  leanIdentities,
  runShard,
  type ShardSnapshot,
  shardOf,
} from '../../../fleet/index.ts';
import { sharedContexts } from '../../../platform/node/client-contexts.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { createDialer } from '../../../platform/node/dial.ts';
import { startLinkProxy } from '../../../platform/node/link-proxy.ts';
import { nodeLoadMonitor } from '../../../platform/node/load.ts';
import { nodeRandom } from '../../../platform/node/random.ts';
import { seededRandom } from '../../../platform/sim/random.ts';
import { AirherdError } from '../../../protocol/errors.ts';

export interface ShardSetup {
  config: FleetConfig;
  /** Of all devices of the run, in order. */
  serials: readonly string[];
  devicesDir: string;
  worker: number;
  workers: number;
}

/** Throws identity-… or fleet-expired. */
export async function loadShard(setup: ShardSetup): Promise<Map<number, Identity>> {
  const { devicesDir, serials, worker, workers } = setup;
  const identities = new Map<number, Identity>();
  const lean = leanIdentities();
  for (const [index, serial] of serials.entries()) {
    if (shardOf(serial, workers) !== worker) continue;
    const identity = await loadIdentity(join(devicesDir, serial));
    if (identity.notAfterMs <= nodeClock.wallMs()) {
      const expired = new Date(identity.notAfterMs).toISOString();
      throw new AirherdError('fleet-expired', { serial, expired });
    }
    identities.set(index, lean(identity));
  }
  return identities;
}

export function runLoadedShard(
  setup: ShardSetup,
  identities: ReadonlyMap<number, Identity>,
  startWallMs: number,
  onSnapshot: (snapshot: ShardSnapshot) => void,
  signal: AbortSignal,
): Promise<ShardSnapshot> {
  const startAtMs = nodeClock.monoMs() + (startWallMs - nodeClock.wallMs());
  return runShard(
    { config: setup.config, identities, startAtMs },
    {
      clock: nodeClock,
      random: nodeRandom,
      dialer: createDialer(sharedContexts()),
      load: nodeLoadMonitor(),
      startLinks: (target, seed) =>
        startLinkProxy({
          target,
          clock: nodeClock,
          randomOf: (name) => seededRandom(`${seed}/${name}`),
          claimed: true,
        }),
      saveIdentity: (identity) => saveIdentity(join(setup.devicesDir, identity.serial), identity),
    },
    onSnapshot,
    signal,
  );
}
