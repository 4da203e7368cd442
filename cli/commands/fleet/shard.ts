/** One worker's part, in whatever thread it runs: its identities loaded, then its share of the schedule. */
import type { Identity } from '../../../certs/identity.ts';
import {
  type FleetConfig,
  leanIdentities,
  runShard,
  type ShardSnapshot,
  shardOf,
  siteOf,
} from '../../../fleet/index.ts';
import { sharedContexts } from '../../../platform/node/client-contexts.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { createDialer } from '../../../platform/node/dial.ts';
import { startLinkProxy } from '../../../platform/node/link-proxy.ts';
import { nodeLoadMonitor } from '../../../platform/node/load.ts';
import { nodeRandom } from '../../../platform/node/random.ts';
import { seededRandom } from '../../../platform/sim/random.ts';
import { SiteWorlds } from '../../../platform/sim/site-worlds.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { type ApiTarget, CloudApi } from '../../cloud-api.ts';
import { type IdentitySource, openIdentities } from './identities.ts';

export interface ShardSetup {
  config: FleetConfig;
  /** Of all devices of the run, in order. */
  serials: readonly string[];
  source: IdentitySource;
  /** Where commands are given; null: there are none. */
  api: ApiTarget | null;
  worker: number;
  workers: number;
}

/** A worker's share of the identities, by index among all devices of the run. */
export interface LoadedShard {
  identities: ReadonlyMap<number, Identity>;
  /** Absent where devices observe no simulated sites. */
  worlds: SiteWorlds | undefined;
  save(identity: Identity): Promise<void>;
}

/** Throws identity-…, pack-… or fleet-expired. */
export async function loadShard(setup: ShardSetup): Promise<LoadedShard> {
  const { config, source, serials, worker, workers } = setup;
  const opened = await openIdentities(source);
  const identities = new Map<number, Identity>();
  const worlds = worldsOf(config);
  const lean = leanIdentities();
  for (const [index, serial] of serials.entries()) {
    if (shardOf(serial, index, config, workers) !== worker) continue;
    const identity = await opened.identity(serial);
    if (identity.notAfterMs <= nodeClock.wallMs()) {
      const expired = new Date(identity.notAfterMs).toISOString();
      throw new AirherdError('fleet-expired', { serial, expired });
    }
    identities.set(index, lean(identity));
    if (!worlds) continue;
    // Each building is there before the run begins, and others may be heard between two of them.
    worlds.prepare({ ...siteOf(index, config), kind: identity.kind });
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { identities, worlds, save: opened.save };
}

function worldsOf({ telemetry, seed }: FleetConfig): SiteWorlds | undefined {
  const { rate, world: kind, worldStart } = telemetry;
  if (kind === undefined || rate === 0) return undefined;
  return new SiteWorlds({ kind, seed, startMs: Date.parse(worldStart), speed: rate, clock: nodeClock });
}

/** Connections to the API that one worker keeps; commands beyond so many at once wait, and that is counted. */
const API_CONNECTIONS = 64;

/** As `WorkerLink.begin` has it. */
export interface Beginning {
  startWallMs: number;
  resumeWallMs?: number;
}

export async function runLoadedShard(
  setup: ShardSetup,
  { identities, worlds, save }: LoadedShard,
  { startWallMs, resumeWallMs }: Beginning,
  onSnapshot: (snapshot: ShardSnapshot) => void,
  signal: AbortSignal,
): Promise<ShardSnapshot> {
  const monoAt = (wallMs: number) => nodeClock.monoMs() + (wallMs - nodeClock.wallMs());
  const { api: target, config } = setup;
  const api = target && new CloudApi(target, API_CONNECTIONS);
  const run = runShard(
    {
      config,
      identities,
      startAtMs: monoAt(startWallMs),
      ...(resumeWallMs !== undefined && { resumeAtMs: monoAt(resumeWallMs) }),
    },
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
      worlds,
      saveIdentity: save,
      command: async (serial) => {
        await api?.askDevice(serial, 'locate', { body: { seconds: 1 }, timeoutMs: config.timeout });
      },
    },
    onSnapshot,
    signal,
  );
  return run.finally(() => {
    api?.close();
    worlds?.close();
  });
}
