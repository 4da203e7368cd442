/**
 * A stadium from a seed: a concourse all round, stands inside it with a way in from the concourse to each block,
 * a pitch in the middle. Access points are under the seats, one for each block of seats and row of kiosks.
 */
import { Draws, subSeed } from '../random.ts';
import { assemble } from './assemble.ts';
import { outerWalls, wall } from './corridor-floor.ts';
import { rectangle } from './geometry.ts';
import type { Floor, Place, Room, Site, Ssid, Wall } from './model.ts';

export interface StadiumOptions {
  seed: number;
  name?: string;
  /** Seats; 20,000 without it. */
  seats?: number;
}

const CONCOURSE_M = 9;
const STAND_M = 32;
const WAY_IN_M = 3;
const AREA_PER_SEAT_M2 = 0.8;
const AP_EVERY_M2 = 130;
const HEIGHT_M = 12;

export function stadiumSite({ seed, name = 'stadium', seats = 20_000 }: StadiumOptions): Site {
  const { floor, places } = bowl(seed, seats);
  const ssids: Ssid[] = [
    { name: 'staff', vlan: 10, security: 'wpa2-enterprise', passphrase: null },
    { name: 'fans', vlan: 20, security: 'open', passphrase: null },
  ];
  return assemble({ name, kind: 'stadium', seed, floors: [floor], ssids, places: [places] });
}

interface Block {
  outline: [west: number, south: number, east: number, north: number];
  /** Its edge to the concourse. */
  edge: [x1: number, y1: number, x2: number, y2: number];
}

function bowl(seed: number, seats: number): { floor: Floor; places: Place[] } {
  // Stands of a ring round a pitch of 3 : 2; the pitch gives way until they hold the seats.
  const ring = (pitch: number) => 2 * STAND_M * (pitch * (5 / 3) + 2 * STAND_M);
  let pitch = 20;
  while (ring(pitch) / AREA_PER_SEAT_M2 < seats) pitch += 1;
  const margin = CONCOURSE_M + STAND_M;
  const [widthM, depthM] = [pitch + 2 * margin, Math.round((pitch * 2) / 3) + 2 * margin];
  const draws = new Draws(subSeed(seed, 'stadium'));
  const walls: Wall[] = outerWalls(widthM, depthM, 'concrete');
  const rooms: Room[] = concourse(widthM, depthM);
  const places: Place[] = [];
  const at = (x: number, y: number, z: number) =>
    places.push({ floor: 'f0', x: Math.round(x * 10) / 10, y: Math.round(y * 10) / 10, z });
  for (const { outline, edge } of blocks(widthM, depthM, draws)) {
    const [west, south, east, north] = outline;
    const area = (east - west) * (north - south);
    rooms.push({
      id: `f0-block${rooms.length}`,
      kind: 'stand',
      outline: rectangle(west, south, east, north),
      seats: Math.round(area / AREA_PER_SEAT_M2),
    });
    walls.push(...withGap(edge));
    const rows = Math.max(1, Math.round(area / AP_EVERY_M2 / 2));
    for (let i = 0; i < rows * 2; i++) {
      const [u, v] = [((i % 2) + 0.5) / 2, (Math.floor(i / 2) + 0.5) / rows];
      at(west + (east - west) * u, south + (north - south) * v, 0.4);
    }
  }
  for (const room of rooms.filter((candidate) => candidate.kind === 'shop')) {
    const [a, , c] = room.outline;
    at((a.x + c.x) / 2, (a.y + c.y) / 2, 4);
  }
  const floor: Floor = {
    id: 'f0',
    level: 0,
    heightM: HEIGHT_M,
    outline: rectangle(0, 0, widthM, depthM),
    walls,
    rooms,
  };
  return { floor, places };
}

function concourse(widthM: number, depthM: number): Room[] {
  const c = CONCOURSE_M;
  const hall = (id: string, ...corners: [number, number, number, number]): Room => ({
    id: `f0-${id}`,
    kind: 'corridor',
    outline: rectangle(...corners),
    seats: 40,
  });
  const kiosks = Array.from({ length: 8 }, (_, i): Room => {
    const x = ((Math.floor(i / 2) + 0.5) * widthM) / 4;
    const y = i % 2 === 0 ? 0 : depthM - 3;
    return { id: `f0-kiosk${i}`, kind: 'shop', outline: rectangle(x - 4, y, x + 4, y + 3), seats: 6 };
  });
  return [
    hall('south', 0, 0, widthM, c),
    hall('north', 0, depthM - c, widthM, depthM),
    hall('west', 0, c, c, depthM - c),
    hall('east', widthM - c, c, widthM, depthM - c),
    ...kiosks,
  ];
}

/** Blocks of 14 to 20 m along each side of the ring; the corners belong to north and south. */
function blocks(widthM: number, depthM: number, draws: Draws): Block[] {
  const c = CONCOURSE_M;
  const inner = c + STAND_M;
  const found: Block[] = [];
  const along = (from: number, to: number, block: (from: number, to: number) => Block) => {
    const count = Math.max(1, Math.round((to - from) / draws.between(14, 20)));
    const step = (to - from) / count;
    const round = (value: number) => Math.round(value * 10) / 10;
    for (let i = 0; i < count; i++) found.push(block(round(from + i * step), round(from + (i + 1) * step)));
  };
  along(c, widthM - c, (a, b) => ({ outline: [a, c, b, inner], edge: [a, c, b, c] }));
  along(c, widthM - c, (a, b) => ({
    outline: [a, depthM - inner, b, depthM - c],
    edge: [a, depthM - c, b, depthM - c],
  }));
  along(inner, depthM - inner, (a, b) => ({ outline: [c, a, inner, b], edge: [c, a, c, b] }));
  along(inner, depthM - inner, (a, b) => ({
    outline: [widthM - inner, a, widthM - c, b],
    edge: [widthM - c, a, widthM - c, b],
  }));
  // The short sides of the corner blocks close the concourse towards west and east.
  return found;
}

/** A wall with a way through in its middle. */
function withGap([x1, y1, x2, y2]: Block['edge']): Wall[] {
  const length = x2 - x1 + (y2 - y1);
  const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
  const half = (length - WAY_IN_M) / 2;
  return [
    wall(x1, y1, x1 + dx * half, y1 + dy * half, 'concrete'),
    wall(x2 - dx * half, y2 - dy * half, x2, y2, 'concrete'),
  ];
}
