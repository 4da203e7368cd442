/** An office from a seed: offices and meeting rooms along a corridor, on one floor or several. */
import type { Draws } from '../random.ts';
import { assemble, gridPlaces } from './assemble.ts';
import { corridorFloor, type RoomPlan } from './corridor-floor.ts';
import type { Site, Ssid } from './model.ts';

export interface OfficeOptions {
  seed: number;
  name?: string;
  floors?: number;
  widthM?: number;
  depthM?: number;
  /** Square metres that one access point serves. */
  areaPerApM2?: number;
}

const SSIDS: Ssid[] = [
  { name: 'corp', vlan: 10, security: 'wpa2-enterprise', passphrase: null },
  { name: 'guest', vlan: 20, security: 'open', passphrase: null },
];

function office(draws: Draws): RoomPlan {
  const meeting = draws.chance(0.2);
  return {
    kind: meeting ? 'meeting' : 'office',
    widthM: meeting ? draws.between(5, 8) : draws.between(3, 6),
    areaPerSeatM2: meeting ? 3 : 12,
    material: meeting ? 'glass' : 'drywall',
  };
}

export function officeSite(options: OfficeOptions): Site {
  const { seed, name = 'office', floors: count = 1, widthM = 60, depthM = 24, areaPerApM2 = 240 } = options;
  const floors = Array.from({ length: count }, (_, level) =>
    corridorFloor({
      seed,
      level,
      widthM,
      depthM,
      heightM: 3,
      corridorM: 2.4,
      corridorKind: 'corridor',
      outerMaterial: 'concrete',
      innerMaterial: 'drywall',
      first: [],
      draw: office,
    }),
  );
  const places = floors.map((floor) => gridPlaces(floor, areaPerApM2));
  return assemble({ name, kind: 'office', seed, floors, ssids: SSIDS.map((ssid) => ({ ...ssid })), places });
}
