import { parseCloudUrl } from '../agent/index.ts';
import type { Identity } from '../certs/identity.ts';
import { sleep } from '../platform/ports/clock.ts';
import type { LinkProxy } from '../platform/ports/link.ts';
import type { LoadMonitor } from '../platform/ports/load.ts';
import { AirherdError } from '../protocol/errors.ts';
import type { FleetConfig } from './config.ts';
import { NOTHING, sum } from './device-ledger.ts';
import { Metrics, type MetricsSnapshot } from './metrics/metrics.ts';
import { schedule, usesLinks } from './schedule.ts';
import type { Action } from './shapes/shape.ts';
import { type DevicePlatform, VirtualDevice } from './virtual-device.ts';

/** One worker's share of a run. */
export interface ShardOrder {
  config: FleetConfig;
  /** By index among all devices of the run; those of other workers are absent. */
  identities: ReadonlyMap<number, Identity>;
  /** When the schedule begins, monotonic. */
  startAtMs: number;
  /** Another worker had the share until this instant, monotonic: what was due before is due then. */
  resumeAtMs?: number;
}

export interface ShardPlatform extends DevicePlatform {
  load: LoadMonitor;
  /** Through the target's API: resolves when the device has answered. Absent where no commands are asked for. */
  command?(serial: string): Promise<void>;
  /** A proxy before the target; `randomOf` of its links comes from `seed`. */
  startLinks(target: { host: string; port: number }, seed: number): Promise<LinkProxy>;
}

/** What a worker knows at one moment; each is cumulative and replaces the one before. */
export interface ShardSnapshot {
  metrics: MetricsSnapshot;
  /** 99th percentile, milliseconds. */
  loopDelayMs: number;
  utilization: number;
  /** Share of the time that it waited for a processor, 0 to 1. */
  cpuWait: number;
  memoryBytes: number;
}

const SNAPSHOT_MS = 500;

/** Acts the schedule out for one share of the devices, until it ends or `signal` aborts; then all are stopped. */
export async function runShard(
  order: ShardOrder,
  platform: ShardPlatform,
  onSnapshot: (snapshot: ShardSnapshot) => void,
  signal: AbortSignal,
): Promise<ShardSnapshot> {
  const { config, identities, startAtMs, resumeAtMs = startAtMs } = order;
  const { clock, load } = platform;
  const metrics = new Metrics();
  const devices = new Map<number, VirtualDevice>();
  const snapshot = (): ShardSnapshot => {
    const ledgers = [...devices.values()].map((device) => device.ledger());
    Object.assign(metrics.counters, ledgers.reduce(sum, NOTHING));
    return {
      metrics: metrics.snapshot(),
      loopDelayMs: load.loopDelayMs(99),
      utilization: load.utilization(),
      cpuWait: load.cpuWait(),
      memoryBytes: load.memoryBytes(),
    };
  };
  const reporting = clock.every(SNAPSHOT_MS, () => onSnapshot(snapshot()));
  const link = usesLinks(config)
    ? await platform.startLinks(parseCloudUrl(config.cloud)!, config.seed)
    : null;
  /** What goes wrong with one device is its own business: it is counted, and the others go on. */
  const failed = () => metrics.failed('internal');
  /** Given and not answered yet. */
  const commands = new Set<Promise<void>>();
  const command = async (serial: string, dueMs: number): Promise<void> => {
    metrics.counters.commanded++;
    try {
      await platform.command?.(serial);
      metrics.counters.answered++;
      metrics.record('roundTrip', clock.monoMs() - dueMs);
    } catch (error) {
      metrics.failed(codeOf(error));
    }
  };
  const act = async (action: Action, dueMs: number): Promise<void> => {
    const { device: index } = action;
    const device = devices.get(index);
    switch (action.kind) {
      case 'start': {
        const identity = identities.get(index);
        if (device) return void device.start(dueMs).catch(failed);
        if (!identity) return;
        const { localAddresses } = config;
        const localAddress = localAddresses[index % Math.max(1, localAddresses.length)];
        const place = { index, startAtMs: dueMs, localAddress, link };
        const made = new VirtualDevice(identity, config, platform, metrics, place);
        devices.set(index, made);
        return made.start(dueMs);
      }
      case 'stop':
        return void device?.shutDown().catch(failed);
      case 'power':
        return void device?.powerOff().catch(failed);
      case 'cut':
        return device?.cut();
      case 'restore':
        return device?.restore(dueMs);
      case 'renew':
        return void device?.renew(dueMs).catch(failed);
      case 'roam':
        return device?.roam();
      case 'command': {
        if (!device?.isConnected) return;
        const given = command(device.serial, dueMs).finally(() => commands.delete(given));
        commands.add(given);
        return;
      }
      case 'link':
        // Also for a device that is yet to be switched on.
        if (action.conditions) link?.set(identities.get(index)!.serial, action.conditions);
        return device?.spoil(action.break);
    }
  };
  try {
    for (const action of schedule(config)) {
      if (!identities.has(action.device)) continue;
      const dueMs = Math.max(startAtMs + action.atMs, resumeAtMs);
      const waitMs = dueMs - clock.monoMs();
      if (waitMs > 0) await sleep(clock, waitMs, signal);
      if (signal.aborted) break;
      metrics.record('slip', clock.monoMs() - dueMs);
      await act(action, dueMs);
    }
    await sleep(clock, Math.max(0, startAtMs + config.for - clock.monoMs()), signal);
    await Promise.all(commands);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    reporting.cancel();
  }
  // How busy the run was; stopping all devices in one instant is no part of it.
  const { loopDelayMs, utilization, cpuWait } = snapshot();
  const { connected } = metrics.counters;
  await Promise.all([...devices.values()].map((device) => device.stop()));
  metrics.counters.connected = connected;
  await link?.close();
  load.stop();
  return { ...snapshot(), loopDelayMs, utilization, cpuWait };
}

/** Of what an API refuses, its own code where it names one. */
function codeOf(error: unknown): string {
  if (!(error instanceof AirherdError)) return 'internal';
  const { code } = error.parameters;
  return typeof code === 'string' && code !== '' ? code : error.code;
}
