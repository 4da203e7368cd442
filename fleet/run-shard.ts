import type { Identity } from '../certs/identity.ts';
import { sleep } from '../platform/ports/clock.ts';
import type { LoadMonitor } from '../platform/ports/load.ts';
import { extentOf, type FleetConfig } from './config.ts';
import { Metrics, type MetricsSnapshot } from './metrics/metrics.ts';
import { plannedShape } from './shapes/registry.ts';
import { type DevicePlatform, VirtualDevice } from './virtual-device.ts';

/** One worker's share of a run. */
export interface ShardOrder {
  config: FleetConfig;
  /** By index among all devices of the run; those of other workers are absent. */
  identities: ReadonlyMap<number, Identity>;
  /** When the schedule begins, monotonic. */
  startAtMs: number;
}

export interface ShardPlatform extends DevicePlatform {
  load: LoadMonitor;
}

/** What a worker knows at one moment; each is cumulative and replaces the one before. */
export interface ShardSnapshot {
  metrics: MetricsSnapshot;
  /** 99th percentile, milliseconds. */
  loopDelayMs: number;
  utilization: number;
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
  const { config, identities, startAtMs } = order;
  const { clock, load } = platform;
  const metrics = new Metrics();
  const devices = new Map<number, VirtualDevice>();
  const snapshot = (): ShardSnapshot => {
    const total = { produced: 0, acknowledged: 0, dropped: 0, lost: 0 };
    for (const device of devices.values()) {
      const ledger = device.ledger();
      for (const key of ['produced', 'acknowledged', 'dropped', 'lost'] as const) total[key] += ledger[key];
    }
    Object.assign(metrics.counters, total);
    return {
      metrics: metrics.snapshot(),
      loopDelayMs: load.loopDelayMs(99),
      utilization: load.utilization(),
      memoryBytes: load.memoryBytes(),
    };
  };
  const reporting = clock.every(SNAPSHOT_MS, () => onSnapshot(snapshot()));
  try {
    for (const { atMs, kind, device: index } of plannedShape(config.shape).actions(extentOf(config))) {
      if (atMs >= config.for) break;
      const identity = identities.get(index);
      if (!identity) continue;
      const dueMs = startAtMs + atMs;
      const waitMs = dueMs - clock.monoMs();
      if (waitMs > 0) await sleep(clock, waitMs, signal);
      if (signal.aborted) break;
      metrics.record('slip', clock.monoMs() - dueMs);
      if (kind === 'start') {
        const { localAddresses } = config;
        const localAddress = localAddresses[index % Math.max(1, localAddresses.length)];
        const device = new VirtualDevice(identity, config, platform, metrics, {
          startAtMs: dueMs,
          localAddress,
        });
        devices.set(index, device);
        await device.start();
      } else if (kind === 'cut') {
        devices.get(index)?.cut();
      } else {
        devices.get(index)?.restore(dueMs);
      }
    }
    await sleep(clock, Math.max(0, startAtMs + config.for - clock.monoMs()), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    reporting.cancel();
  }
  // How busy the run was; stopping all devices in one instant is no part of it.
  const { loopDelayMs, utilization } = snapshot();
  const { connected } = metrics.counters;
  await Promise.all([...devices.values()].map((device) => device.stop()));
  metrics.counters.connected = connected;
  load.stop();
  return { ...snapshot(), loopDelayMs, utilization };
}
