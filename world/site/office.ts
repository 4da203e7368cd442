/**
 * An office floor from a seed: a corridor in the middle, offices and meeting rooms on both sides with doors,
 * access points on a grid that covers it, a wiring closet with an access switch, and a core switch above all.
 */
import { Draws, subSeed } from '../random.ts';
import { accessPoint, accessSwitch, coreSwitch, macFrom, servers } from './equipment.ts';
import { rectangle } from './geometry.ts';
import type { AccessPoint, Floor, Network, Room, Site, Ssid, Switch, Wall, Wire } from './model.ts';

export interface OfficeOptions {
  seed: number;
  name?: string;
  floors?: number;
  widthM?: number;
  depthM?: number;
  /** Square metres that one access point serves. */
  areaPerApM2?: number;
}

const CORRIDOR_M = 2.4;
const DOOR_M = 0.9;
const HEIGHT_M = 3;
const SSIDS: Ssid[] = [
  { name: 'corp', vlan: 10, security: 'wpa2-enterprise', passphrase: null },
  { name: 'guest', vlan: 20, security: 'open', passphrase: null },
];

export function officeSite(options: OfficeOptions): Site {
  const { seed, name = 'office', floors: count = 1, widthM = 60, depthM = 24, areaPerApM2 = 240 } = options;
  const floors = Array.from({ length: count }, (_, level) => officeFloor(seed, level, widthM, depthM));
  const accessPoints: AccessPoint[] = [];
  const switches: Switch[] = [coreSwitch(seed, floors[0].id, count + 2)];
  const wires: Wire[] = [];
  for (const floor of floors) {
    const onFloor = gridOfAps(seed, floor, widthM, depthM, areaPerApM2, accessPoints.length);
    const access = accessSwitch(seed, floor, switches.length, onFloor.length);
    switches.push(access);
    wires.push({
      id: `trunk-${floor.id}`,
      a: { device: 'core', port: `ge-0/0/${floor.level}` },
      b: { device: access.id, port: access.ports[access.ports.length - 1].id },
      redundant: false,
    });
    onFloor.forEach((ap, i) => {
      wires.push({
        id: `cable-${ap.id}`,
        a: { device: access.id, port: access.ports[i].id },
        b: { device: ap.id, port: 'uplink' },
        redundant: false,
      });
    });
    accessPoints.push(...onFloor);
  }
  return {
    name,
    seed,
    timeZone: 'UTC',
    floors,
    accessPoints,
    switches,
    wires,
    ssids: SSIDS,
    networks: [network(seed, 10, 'staff'), network(seed, 20, 'visitors')],
    servers: servers(seed, 10),
  };
}

const network = (seed: number, vlan: number, name: string): Network => ({
  vlan,
  name,
  ipv4: `10.${vlan}.0.0/16`,
  ipv6: `fd00:${vlan.toString(16)}::/64`,
  gateway: { mac: macFrom(seed, `gateway-${vlan}`, 0), ipv4: `10.${vlan}.0.1` },
});

function officeFloor(seed: number, level: number, widthM: number, depthM: number): Floor {
  const draws = new Draws(subSeed(seed, `floor-${level}`));
  const rooms: Room[] = [];
  const walls: Wall[] = outerWalls(widthM, depthM);
  const south = (depthM - CORRIDOR_M) / 2;
  const north = south + CORRIDOR_M;
  const id = `f${level}`;
  rooms.push({
    id: `${id}-corridor`,
    kind: 'corridor',
    outline: rectangle(0, south, widthM, north),
    seats: 4,
  });
  for (const [edge, from, to] of [
    [south, 0, south],
    [north, north, depthM],
  ]) {
    let x = 0;
    while (x < widthM) {
      const meeting = draws.chance(0.2);
      const want = meeting ? draws.between(5, 8) : draws.between(3, 6);
      const right = widthM - (x + want) < 3 ? widthM : Math.round((x + want) * 10) / 10;
      rooms.push({
        id: `${id}-r${rooms.length}`,
        kind: meeting ? 'meeting' : 'office',
        outline: rectangle(x, from, right, to),
        seats: Math.max(1, Math.round(((right - x) * (to - from)) / (meeting ? 3 : 12))),
      });
      const door = Math.round((x + right - DOOR_M) * 5) / 10;
      walls.push(wall(x, edge, door, edge, 'drywall'), wall(door + DOOR_M, edge, right, edge, 'drywall'));
      if (right < widthM) walls.push(wall(right, from, right, to, meeting ? 'glass' : 'drywall'));
      x = right;
    }
  }
  return { id, level, heightM: HEIGHT_M, outline: rectangle(0, 0, widthM, depthM), walls, rooms };
}

const wall = (x1: number, y1: number, x2: number, y2: number, material: string): Wall => ({
  from: { x: x1, y: y1 },
  to: { x: x2, y: y2 },
  material,
});

const outerWalls = (widthM: number, depthM: number): Wall[] => [
  wall(0, 0, widthM, 0, 'concrete'),
  wall(widthM, 0, widthM, depthM, 'concrete'),
  wall(widthM, depthM, 0, depthM, 'concrete'),
  wall(0, depthM, 0, 0, 'concrete'),
];

function gridOfAps(
  seed: number,
  floor: Floor,
  widthM: number,
  depthM: number,
  areaPerApM2: number,
  already: number,
): AccessPoint[] {
  const spacing = Math.sqrt(areaPerApM2);
  const columns = Math.max(1, Math.round(widthM / spacing));
  const rows = Math.max(1, Math.round(depthM / spacing));
  return Array.from({ length: columns * rows }, (_, i) => {
    const x = ((i % columns) + 0.5) * (widthM / columns);
    const y = (Math.floor(i / columns) + 0.5) * (depthM / rows);
    const at = { floor: floor.id, x: Math.round(x * 10) / 10, y: Math.round(y * 10) / 10, z: HEIGHT_M - 0.2 };
    return accessPoint(seed, already + i, at, SSIDS.length);
  });
}
