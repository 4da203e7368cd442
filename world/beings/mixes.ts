/** Who comes to which kind of site, with what in their pockets, and what stands there. */
import type { RoomKind, SiteKind } from '../site/model.ts';
import type { BeingKind, Schedule } from './model.ts';

export interface PeopleGroup {
  schedule: Schedule;
  rooms: readonly RoomKind[];
  /** People for each seat in those rooms. */
  perSeat: number;
  guest: boolean;
  /** Whether they have an account for 802.1X. */
  userName: boolean;
  carries: readonly { kind: BeingKind; chance: number }[];
}

export interface Thing {
  kind: BeingKind;
  rooms: readonly RoomKind[];
  /** One for so many square metres of those rooms, on each floor. */
  areaM2: number;
  atLeast: number;
  wired: boolean;
  schedule: Schedule;
}

export interface Mix {
  people: readonly PeopleGroup[];
  things: readonly Thing[];
}

const carries = (chances: Partial<Record<BeingKind, number>>): PeopleGroup['carries'] =>
  (['phone', 'laptop', 'tablet', 'scanner', 'wearable', 'app'] as const).flatMap((kind) =>
    chances[kind] === undefined ? [] : [{ kind, chance: chances[kind] }],
  );

const thing = (
  kind: BeingKind,
  areaM2: number,
  rooms: readonly RoomKind[],
  { atLeast = 1, wired = false, schedule = 'fixed' as Schedule } = {},
): Thing => ({ kind, rooms, areaM2, atLeast, wired, schedule });

const group = (
  schedule: Schedule,
  rooms: readonly RoomKind[],
  perSeat: number,
  what: Partial<Record<BeingKind, number>>,
  { guest = false } = {},
): PeopleGroup => ({ schedule, rooms, perSeat, guest, userName: !guest, carries: carries(what) });

export const MIXES: Readonly<Record<SiteKind, Mix>> = {
  office: {
    people: [
      group('staff', ['office'], 0.9, { phone: 1, laptop: 0.85, wearable: 0.3, app: 0.1 }),
      group('visitor', ['meeting'], 0.3, { phone: 1, laptop: 0.3 }, { guest: true }),
    ],
    things: [
      thing('printer', 700, ['corridor', 'office'], { wired: true }),
      thing('camera', 100, ['corridor', 'lobby'], { wired: true }),
      thing('iot', 300, ['office', 'meeting']),
      thing('tag', 400, ['office', 'meeting'], { schedule: 'asset' }),
    ],
  },
  school: {
    people: [
      group('pupil', ['class'], 0.95, { phone: 0.8, tablet: 0.4, laptop: 0.3, wearable: 0.15 }),
      group('staff', ['office', 'class'], 0.08, { phone: 1, laptop: 0.9 }),
    ],
    things: [
      thing('printer', 900, ['office', 'class'], { wired: true }),
      thing('camera', 150, ['corridor', 'lobby'], { wired: true }),
      thing('iot', 250, ['class']),
    ],
  },
  hospital: {
    people: [
      group('shift', ['ward'], 0.6, { phone: 0.9, scanner: 0.4, wearable: 1, laptop: 0.2 }),
      group('patient', ['ward'], 0.85, { phone: 0.85, tablet: 0.2, wearable: 0.5 }, { guest: true }),
      group('visitor', ['ward'], 0.3, { phone: 1 }, { guest: true }),
    ],
    things: [
      thing('tag', 12, ['ward', 'store'], { schedule: 'asset', atLeast: 6 }),
      thing('printer', 500, ['office', 'ward'], { wired: true }),
      thing('camera', 120, ['corridor', 'lobby'], { wired: true }),
      thing('iot', 40, ['ward']),
    ],
  },
  stadium: {
    people: [
      group('fan', ['stand'], 0.9, { phone: 0.95, app: 0.2, wearable: 0.1 }, { guest: true }),
      group('shift', ['shop', 'corridor'], 0.5, { phone: 1, scanner: 0.5 }),
    ],
    things: [
      thing('camera', 600, ['corridor', 'stand'], { wired: true }),
      thing('iot', 400, ['shop', 'corridor']),
    ],
  },
  shop: {
    people: [
      group('visitor', ['shop'], 4, { phone: 0.95, wearable: 0.2, app: 0.1 }, { guest: true }),
      group('staff', ['shop', 'office'], 0.2, { phone: 0.9, scanner: 0.6 }),
    ],
    things: [
      thing('printer', 200, ['shop'], { wired: true }),
      thing('camera', 60, ['shop', 'store'], { wired: true }),
      thing('iot', 80, ['shop']),
      thing('tag', 40, ['store', 'shop'], { schedule: 'asset' }),
    ],
  },
  home: {
    people: [group('resident', ['home'], 0.5, { phone: 1, laptop: 0.6, tablet: 0.4, wearable: 0.3 })],
    things: [
      thing('iot', 25, ['home']),
      thing('printer', 200, ['home']),
      thing('tag', 60, ['home'], { schedule: 'asset' }),
    ],
  },
};
