/** Sites along corridors, from a seed: a home, a school, a hospital. */
import { assemble, gridPlaces } from './assemble.ts';
import { corridorFloor, type RoomPlan } from './corridor-floor.ts';
import type { Floor, RoomKind, Site, Ssid } from './model.ts';

export interface BuildingOptions {
  seed: number;
  name?: string;
  floors?: number;
}

const room = (kind: RoomKind, widthM: number, areaPerSeatM2: number, material = 'drywall'): RoomPlan => ({
  kind,
  widthM,
  areaPerSeatM2,
  material,
});

const PASSPHRASE = 'correct horse battery';

/** Beams of a Bluetooth array, a full turn in eighths. */
const EIGHT_BEAMS = [0, 45, 90, 135, 180, 225, 270, 315];

const range = (count: number, floor: (level: number) => Floor): Floor[] =>
  Array.from({ length: count }, (_, level) => floor(level));

export function homeSite({ seed, name = 'home', floors: count = 1 }: BuildingOptions): Site {
  const floors = range(count, (level) =>
    corridorFloor({
      seed,
      level,
      widthM: 13,
      depthM: 9,
      heightM: 2.6,
      corridorM: 1.4,
      corridorKind: 'corridor',
      outerMaterial: 'brick',
      innerMaterial: 'drywall',
      first: level === 0 ? [room('home', 6.5, 12)] : [],
      draw: (draws) => room('home', draws.between(3, 4.8), 10),
    }),
  );
  const ssids: Ssid[] = [{ name: 'home', vlan: 1, security: 'wpa2-psk', passphrase: PASSPHRASE }];
  const places = floors.map((floor) => gridPlaces(floor, 200, 2));
  return assemble({ name, kind: 'home', seed, floors, ssids, places, loneSwitch: true });
}

export function schoolSite({ seed, name = 'school', floors: count = 2 }: BuildingOptions): Site {
  const floors = range(count, (level) =>
    corridorFloor({
      seed,
      level,
      widthM: 78,
      depthM: 19,
      heightM: 3.4,
      corridorM: 3,
      corridorKind: 'corridor',
      outerMaterial: 'concrete',
      innerMaterial: 'brick',
      first: [
        room('stairs', 4, 8, 'brick'),
        ...(level === 0 ? [room('lobby', 10, 4, 'glass'), room('canteen', 16, 2, 'brick')] : []),
      ],
      draw: (draws): RoomPlan =>
        draws.chance(0.15)
          ? room('office', draws.between(3.5, 6), 9)
          : room('class', draws.between(7.5, 9.5), 2.4, 'brick'),
    }),
  );
  const ssids: Ssid[] = [
    { name: 'school', vlan: 10, security: 'wpa2-enterprise', passphrase: null },
    { name: 'school-things', vlan: 30, security: 'wpa2-psk', passphrase: PASSPHRASE },
    { name: 'school-guest', vlan: 20, security: 'open', passphrase: null },
  ];
  const places = floors.map((floor) => gridPlaces(floor, 130));
  return assemble({ name, kind: 'school', seed, floors, ssids, places });
}

export function hospitalSite({ seed, name = 'hospital', floors: count = 3 }: BuildingOptions): Site {
  const floors = range(count, (level) =>
    corridorFloor({
      seed,
      level,
      widthM: 90,
      depthM: 21,
      heightM: 3.2,
      corridorM: 3,
      corridorKind: 'corridor',
      outerMaterial: 'concrete',
      innerMaterial: 'drywall',
      first: [
        room('stairs', 4, 8, 'concrete'),
        room('store', 5, 30, 'brick'),
        ...(level === 0 ? [room('lobby', 14, 4, 'glass'), room('canteen', 15, 2)] : []),
      ],
      draw: (draws): RoomPlan => {
        const what = draws.uniform();
        if (what < 0.1) return room('store', draws.between(3, 5), 30, 'brick');
        if (what < 0.25) return room('office', draws.between(3.5, 6), 10);
        return room('ward', draws.between(4.5, 8), 16, what < 0.32 ? 'metal' : 'drywall');
      },
    }),
  );
  const ssids: Ssid[] = [
    { name: 'clinic', vlan: 10, security: 'wpa2-enterprise', passphrase: null },
    { name: 'clinic-things', vlan: 30, security: 'wpa2-psk', passphrase: PASSPHRASE },
    { name: 'patients', vlan: 20, security: 'open', passphrase: null },
  ];
  const places = floors.map((floor) => gridPlaces(floor, 100));
  return assemble({ name, kind: 'hospital', seed, floors, ssids, places, beamsDeg: EIGHT_BEAMS });
}
