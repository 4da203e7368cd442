import { extentOf, type FleetConfig } from './config.ts';
import { schedule, usesLinks } from './schedule.ts';
import { plannedShape } from './shapes/registry.ts';
import { type Buildings, buildingsOf } from './telemetry/buildings.ts';

/**
 * Of one virtual device at rate 1 with its connection, tables, and what the heap holds beside them: the difference
 * in resident memory between runs of 550 and of 50 devices on one thread (Node 20).
 */
const DEVICE_BYTES = 190 * 1024;
/** Of a link that can be spoiled: two sockets and what is on its way. */
const LINK_BYTES = 40 * 1024;
const PROCESS_BYTES = 168 * 1024 * 1024;
/** Files, pipes and threads of the process itself. */
const OWN_DESCRIPTORS = 64;
/** A spoiled link is two connections more, and a half-open one may be left of it. */
const LINK_DESCRIPTORS = 3;

/** What a run does and needs, known before it starts. */
export interface Estimate {
  starts: number;
  cuts: number;
  restores: number;
  /** What else the schedule does: stops, power cuts, renewals, roaming, changes of links. */
  others: Record<string, number>;
  /** Most devices connected at once. */
  peakConnections: number;
  /** Most logins that fall due within one second. */
  peakLoginsPerSecond: number;
  /** Simulated sites that devices observe. */
  buildings: Buildings;
  memoryBytes: number;
  descriptors: number;
  /** Local ports, of each local address. */
  ports: number;
}

export function estimate(config: FleetConfig): Estimate {
  const count = { start: 0, cut: 0, restore: 0 };
  const others: Record<string, number> = {};
  const dueMs: number[] = [];
  const devices = new Set<number>();
  let peakLogins = 0;
  let from = 0;
  for (const action of schedule(config)) {
    const { atMs, kind } = action;
    if (kind === 'start' || kind === 'cut' || kind === 'restore') count[kind]++;
    else others[kind] = (others[kind] ?? 0) + 1;
    devices.add(action.device);
    const isLogin = kind === 'start' || kind === 'restore' || (kind === 'link' && action.break !== undefined);
    if (!isLogin) continue;
    dueMs.push(atMs);
    while (dueMs[from] <= atMs - 1000) from++;
    peakLogins = Math.max(peakLogins, dueMs.length - from);
  }
  const peak = plannedShape(config.shape).peak(extentOf(config));
  const buildings = buildingsOf(config);
  const links = usesLinks(config) ? peak : 0;
  return {
    starts: count.start,
    cuts: count.cut,
    restores: count.restore,
    others,
    peakConnections: peak,
    peakLoginsPerSecond: peakLogins,
    buildings,
    memoryBytes: PROCESS_BYTES + devices.size * DEVICE_BYTES + links * LINK_BYTES + buildings.memoryBytes,
    descriptors: peak + links * LINK_DESCRIPTORS + OWN_DESCRIPTORS,
    ports: Math.ceil((peak + links) / Math.max(1, config.localAddresses.length)),
  };
}
