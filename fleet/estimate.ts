import { extentOf, type FleetConfig } from './config.ts';
import { plannedShape } from './shapes/registry.ts';

/**
 * Of one virtual device at rate 1 with its connection, TLS context, tables, and what the heap holds beside them:
 * the difference in resident memory between runs of 550 and of 50 devices on one thread (Node 20).
 */
const DEVICE_BYTES = 340 * 1024;
const PROCESS_BYTES = 144 * 1024 * 1024;
/** Files, pipes and threads of the process itself. */
const OWN_DESCRIPTORS = 64;

/** What a run does and needs, known before it starts. */
export interface Estimate {
  starts: number;
  cuts: number;
  restores: number;
  /** Most devices connected at once. */
  peakConnections: number;
  /** Most logins that fall due within one second. */
  peakLoginsPerSecond: number;
  memoryBytes: number;
  descriptors: number;
  /** Local ports, of each local address. */
  ports: number;
}

export function estimate(config: FleetConfig): Estimate {
  const shape = plannedShape(config.shape);
  const extent = extentOf(config);
  const count = { start: 0, cut: 0, restore: 0 };
  const dueMs: number[] = [];
  let peakLogins = 0;
  let from = 0;
  for (const { atMs, kind } of shape.actions(extent)) {
    if (atMs >= config.for) break;
    count[kind]++;
    if (kind === 'cut') continue;
    dueMs.push(atMs);
    while (dueMs[from] <= atMs - 1000) from++;
    peakLogins = Math.max(peakLogins, dueMs.length - from);
  }
  const peak = shape.peak(extent);
  return {
    starts: count.start,
    cuts: count.cut,
    restores: count.restore,
    peakConnections: peak,
    peakLoginsPerSecond: peakLogins,
    memoryBytes: PROCESS_BYTES + count.start * DEVICE_BYTES,
    descriptors: peak + OWN_DESCRIPTORS,
    ports: Math.ceil(peak / Math.max(1, config.localAddresses.length)),
  };
}
