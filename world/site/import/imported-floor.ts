/** From rooms, walls and openings of somebody's plan to a floor, and from floors to a site. */
import { assemble, gridPlaces } from '../assemble.ts';
import { contains, signedArea2 } from '../geometry.ts';
import type { Floor, Point, RoomKind, Site, Ssid, Wall } from '../model.ts';

export interface ImportedRoom {
  name: string;
  kind: RoomKind;
  outline: Point[];
}

export interface ImportedLevel {
  level: number;
  outline: Point[];
  rooms: ImportedRoom[];
  /** Beside the edges of the rooms. */
  walls: Wall[];
  /** Doors: where no wall is. */
  openings: { from: Point; to: Point }[];
}

export interface ImportOptions {
  name: string;
  seed: number;
  areaPerApM2?: number;
}

const HEIGHT_M = 3;
/** Edges of neighbours that are nearer than this are one wall. */
const SAME_WALL_M = 0.15;
/** Doors are drawn on the wall or beside it. */
const ON_WALL_M = 0.4;
const SHORTEST_WALL_M = 0.05;
const SEAT_M2: Partial<Record<RoomKind, number>> = {
  corridor: 0,
  stairs: 0,
  store: 0,
  meeting: 3,
  class: 3,
  canteen: 3,
};
const SSIDS: readonly Ssid[] = [
  { name: 'corp', vlan: 10, security: 'wpa2-enterprise', passphrase: null },
  { name: 'guest', vlan: 20, security: 'open', passphrase: null },
];

type Segment = { from: Point; to: Point };
const round = (value: number): number => Math.round(value * 100) / 100;
const tidy = ({ x, y }: Point): Point => ({ x: round(x), y: round(y) });
const edges = (outline: readonly Point[]): Segment[] =>
  outline.map((from, i) => ({ from, to: outline[(i + 1) % outline.length] }));

/** What is left of a segment where none of `others` lies along it, within `tolerance` metres. */
function without({ from, to }: Segment, others: readonly Segment[], tolerance: number): Segment[] {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length < SHORTEST_WALL_M) return [];
  const [ux, uy] = [(to.x - from.x) / length, (to.y - from.y) / length];
  const along = (p: Point) => (p.x - from.x) * ux + (p.y - from.y) * uy;
  const off = (p: Point) => Math.abs((p.x - from.x) * uy - (p.y - from.y) * ux);
  const taken = others
    .filter((other) => off(other.from) <= tolerance && off(other.to) <= tolerance)
    .map((other) => [along(other.from), along(other.to)].sort((a, b) => a - b))
    .sort((a, b) => a[0] - b[0]);
  const left: Segment[] = [];
  const at = (t: number): Point => ({ x: from.x + ux * t, y: from.y + uy * t });
  let start = 0;
  for (const [low, high] of [...taken, [length, length]]) {
    const end = Math.min(low, length);
    if (end - start > SHORTEST_WALL_M) left.push({ from: at(start), to: at(end) });
    start = Math.max(start, high);
  }
  return left;
}

function wallsOf({ outline, rooms, walls, openings }: ImportedLevel): Wall[] {
  const kept: Wall[] = [...walls];
  const add = (segments: readonly Segment[], material: string) => {
    for (const segment of segments) {
      for (const piece of without(segment, kept, SAME_WALL_M)) {
        for (const rest of without(piece, openings, ON_WALL_M)) kept.push({ ...rest, material });
      }
    }
  };
  add(edges(outline), 'concrete');
  for (const room of rooms) add(edges(room.outline), 'drywall');
  return kept.map(({ from, to, material }) => ({ from: tidy(from), to: tidy(to), material }));
}

function floorOf(imported: ImportedLevel, id: string): Floor {
  return {
    id,
    level: imported.level,
    heightM: HEIGHT_M,
    outline: imported.outline.map(tidy),
    walls: wallsOf(imported),
    rooms: imported.rooms.map(({ kind, outline }, i) => {
      const seatM2 = SEAT_M2[kind] ?? 12;
      const areaM2 = Math.abs(signedArea2(outline)) / 2;
      return {
        id: `${id}-r${i}`,
        kind,
        outline: outline.map(tidy),
        seats: seatM2 === 0 ? 0 : Math.max(1, Math.round(areaM2 / seatM2)),
      };
    }),
  };
}

/** Access points stand on a grid, switches in a corner: both are there to be moved. */
export function siteOf(levels: readonly ImportedLevel[], options: ImportOptions): Site {
  const { name, seed, areaPerApM2 = 240 } = options;
  const floors = levels
    .toSorted((a, b) => a.level - b.level)
    .map((level) => floorOf(level, level.level < 0 ? `b${-level.level}` : `f${level.level}`));
  const places = floors.map((floor) => {
    const inside = gridPlaces(floor, areaPerApM2).filter((place) => contains(floor.outline, place));
    return inside.length > 0 ? inside : gridPlaces(floor, areaPerApM2).slice(0, 1);
  });
  const site = assemble({
    name,
    kind: 'office',
    seed,
    floors,
    ssids: SSIDS.map((ssid) => ({ ...ssid })),
    places,
  });
  for (const item of site.switches) {
    const floor = floors.find(({ id }) => id === item.at.floor);
    const [place] = places[floors.findIndex(({ id }) => id === item.at.floor)];
    if (floor && !contains(floor.outline, item.at)) Object.assign(item.at, { x: place.x + 0.5, y: place.y });
  }
  return site;
}
