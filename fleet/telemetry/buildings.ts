import { GENERATORS } from '../../world/site/generators.ts';
import type { SiteKind } from '../../world/site/model.ts';
import type { FleetConfig } from '../config.ts';

const MIB = 1024 * 1024;

/** Of one simulated site of each kind: resident memory, and time of one core until nine in the morning is reached there. */
const COST: Readonly<Record<SiteKind, { bytes: number; readyMs: number }>> = {
  home: { bytes: 9 * MIB, readyMs: 300 },
  office: { bytes: 36 * MIB, readyMs: 1_800 },
  school: { bytes: 140 * MIB, readyMs: 11_000 },
  hospital: { bytes: 100 * MIB, readyMs: 8_000 },
  stadium: { bytes: 155 * MIB, readyMs: 7_000 },
  shop: { bytes: 6 * MIB, readyMs: 300 },
};

/** What the simulated sites of a run need, about. */
export interface Buildings {
  count: number;
  memoryBytes: number;
  /** Of all cores together, before the run begins. */
  readyMs: number;
}

export function buildingsOf({ devices, siteDevices, telemetry, seed }: FleetConfig): Buildings {
  const { world, rate } = telemetry;
  if (world === undefined || rate === 0) return { count: 0, memoryBytes: 0, readyMs: 0 };
  const each = GENERATORS[world]({ seed }).accessPoints.length;
  const [whole, rest] = [Math.floor(devices / siteDevices), devices % siteDevices];
  const count = whole * Math.ceil(siteDevices / each) + Math.ceil(rest / each);
  const { bytes, readyMs } = COST[world];
  return { count, memoryBytes: count * bytes, readyMs: count * readyMs };
}
