/** A floor with a corridor in the middle and rooms with doors on both sides of it. */
import { Draws, subSeed } from '../random.ts';
import { rectangle } from './geometry.ts';
import type { Floor, Room, RoomKind, Wall } from './model.ts';

export interface RoomPlan {
  kind: RoomKind;
  widthM: number;
  /** Square metres that one person has. */
  areaPerSeatM2: number;
  /** Of the wall to the next room. */
  material: string;
}

export interface CorridorFloorOptions {
  seed: number;
  level: number;
  widthM: number;
  depthM: number;
  heightM: number;
  corridorM: number;
  corridorKind: RoomKind;
  outerMaterial: string;
  innerMaterial: string;
  /** Rooms that come first, from the west end of the south side on. */
  first: readonly RoomPlan[];
  /** Any further room. */
  draw(draws: Draws): RoomPlan;
}

const DOOR_M = 0.9;
/** What would remain narrower than this belongs to the room before it. */
const LEAST_M = 3;

export const wall = (x1: number, y1: number, x2: number, y2: number, material: string): Wall => ({
  from: { x: x1, y: y1 },
  to: { x: x2, y: y2 },
  material,
});

export const outerWalls = (widthM: number, depthM: number, material: string): Wall[] => [
  wall(0, 0, widthM, 0, material),
  wall(widthM, 0, widthM, depthM, material),
  wall(widthM, depthM, 0, depthM, material),
  wall(0, depthM, 0, 0, material),
];

export function corridorFloor(options: CorridorFloorOptions): Floor {
  const { seed, level, widthM, depthM, heightM, corridorM, outerMaterial, innerMaterial } = options;
  const draws = new Draws(subSeed(seed, `floor-${level}`));
  const walls = outerWalls(widthM, depthM, outerMaterial);
  const south = (depthM - corridorM) / 2;
  const north = south + corridorM;
  const id = `f${level}`;
  const rooms: Room[] = [
    {
      id: `${id}-corridor`,
      kind: options.corridorKind,
      outline: rectangle(0, south, widthM, north),
      seats: 4,
    },
  ];
  const waiting = [...options.first];
  for (const [edge, from, to] of [
    [south, 0, south],
    [north, north, depthM],
  ]) {
    let x = 0;
    while (x < widthM) {
      const plan = waiting.shift() ?? options.draw(draws);
      const right = widthM - (x + plan.widthM) < LEAST_M ? widthM : Math.round((x + plan.widthM) * 10) / 10;
      rooms.push({
        id: `${id}-r${rooms.length}`,
        kind: plan.kind,
        outline: rectangle(x, from, right, to),
        seats: Math.max(1, Math.round(((right - x) * (to - from)) / plan.areaPerSeatM2)),
      });
      const door = Math.round((x + right - DOOR_M) * 5) / 10;
      walls.push(
        wall(x, edge, door, edge, innerMaterial),
        wall(door + DOOR_M, edge, right, edge, innerMaterial),
      );
      if (right < widthM) walls.push(wall(right, from, right, to, plan.material));
      x = right;
    }
  }
  return { id, level, heightM, outline: rectangle(0, 0, widthM, depthM), walls, rooms };
}
