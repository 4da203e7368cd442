/** What can be wrong with a site, all of it at once. Paths are those of the data: `floors[0].rooms[3].outline`. */
import { contains, selfCrossing, signedArea2 } from './geometry.ts';
import { MATERIALS } from './materials.ts';
import type { Floor, Place, Site } from './model.ts';

export interface Problem {
  path: string;
  /** What is wrong and what to write instead. */
  message: string;
}

/** Smallest room, square metres. */
const MIN_AREA_M2 = 0.5;

export function checkSite(site: Site): Problem[] {
  const problems: Problem[] = [];
  const add = (path: string, message: string) => problems.push({ path, message });
  const floors = new Map(site.floors.map((floor) => [floor.id, floor]));
  if (site.floors.length === 0) add('floors', 'a site needs at least one floor');
  checkIds(site, add);
  site.floors.forEach((floor, i) => {
    checkFloor(floor, `floors[${i}]`, add);
  });
  site.accessPoints.forEach((ap, i) => {
    const path = `accessPoints[${i}]`;
    checkPlace(ap.at, floors, `${path}.at`, add);
    ap.radios.forEach((radio, r) => {
      if (radio.powerDbm < 0 || radio.powerDbm > 36) {
        add(`${path}.radios[${r}].powerDbm`, `${radio.powerDbm} dBm is not possible; write 0 to 36`);
      }
      if (radio.bssids.length !== site.ssids.length) {
        add(
          `${path}.radios[${r}].bssids`,
          `one BSSID an SSID: ${site.ssids.length}, not ${radio.bssids.length}`,
        );
      }
    });
  });
  site.switches.forEach((item, i) => {
    checkPlace(item.at, floors, `switches[${i}].at`, add);
  });
  checkWires(site, add);
  return problems;
}

type Add = (path: string, message: string) => void;

function checkIds(site: Site, add: Add): void {
  const seen = new Map<string, string>();
  const once = (id: string, path: string, what: string) => {
    const before = seen.get(`${what} ${id}`);
    if (before) add(path, `${what} ${id} is taken by ${before}; choose another`);
    else seen.set(`${what} ${id}`, path);
  };
  site.floors.forEach((floor, i) => {
    once(floor.id, `floors[${i}].id`, 'id');
    floor.rooms.forEach((room, r) => {
      once(room.id, `floors[${i}].rooms[${r}].id`, 'room id');
    });
  });
  for (const list of ['accessPoints', 'switches'] as const) {
    site[list].forEach((item, i) => {
      once(item.id, `${list}[${i}].id`, 'id');
      once(item.mac, `${list}[${i}].mac`, 'MAC');
    });
  }
  site.accessPoints.forEach((ap, i) => {
    ap.radios.forEach((radio, r) => {
      for (const [b, bssid] of radio.bssids.entries()) {
        once(bssid, `accessPoints[${i}].radios[${r}].bssids[${b}]`, 'BSSID');
      }
    });
  });
  site.wires.forEach((wire, i) => {
    once(wire.id, `wires[${i}].id`, 'wire id');
  });
}

function checkOutline(outline: Floor['outline'], path: string, add: Add): void {
  if (outline.length < 3) {
    add(path, `needs at least 3 corners, not ${outline.length}`);
    return;
  }
  const crossing = selfCrossing(outline);
  if (crossing)
    add(path, `crosses itself: edges ${crossing[0]} and ${crossing[1]}; list the corners in order`);
  else if (Math.abs(signedArea2(outline)) / 2 < MIN_AREA_M2)
    add(path, `has no area; at least ${MIN_AREA_M2} m²`);
}

function checkFloor(floor: Floor, path: string, add: Add): void {
  checkOutline(floor.outline, `${path}.outline`, add);
  if (!(floor.heightM > 1.5)) add(`${path}.heightM`, `${floor.heightM} m is too low; write 2 or more`);
  floor.rooms.forEach((room, i) => {
    checkOutline(room.outline, `${path}.rooms[${i}].outline`, add);
  });
  floor.walls.forEach((wall, i) => {
    if (!(wall.material in MATERIALS)) {
      add(
        `${path}.walls[${i}].material`,
        `no material ${wall.material}; there are ${Object.keys(MATERIALS).join(', ')}`,
      );
    }
    if (wall.from.x === wall.to.x && wall.from.y === wall.to.y) add(`${path}.walls[${i}]`, 'has no length');
  });
}

function checkPlace(at: Place, floors: ReadonlyMap<string, Floor>, path: string, add: Add): void {
  const floor = floors.get(at.floor);
  if (!floor)
    add(`${path}.floor`, `no floor ${at.floor}; there are ${[...floors.keys()].join(', ') || 'none'}`);
  else if (!contains(floor.outline, at)) add(path, `(${at.x}, ${at.y}) is outside floor ${at.floor}`);
}

/** Ends exist, are used once, and the wires between switches make no ring that spanning tree was not asked for. */
function checkWires(site: Site, add: Add): void {
  const ends = new Map<string, string>();
  const devices = new Map<string, ReadonlySet<string>>([
    ...site.switches.map((s) => [s.id, new Set(s.ports.map((port) => port.id))] as const),
    ...site.accessPoints.map((ap) => [ap.id, new Set(['uplink'])] as const),
  ]);
  const root = new Map<string, string>();
  const find = (id: string): string => {
    const up = root.get(id) ?? id;
    return up === id ? id : find(up);
  };
  site.wires.forEach((wire, i) => {
    for (const [name, end] of [
      ['a', wire.a],
      ['b', wire.b],
    ] as const) {
      const path = `wires[${i}].${name}`;
      const ports = devices.get(end.device);
      if (!ports) add(path, `no device ${end.device}`);
      else if (!ports.has(end.port)) add(path, `${end.device} has no port ${end.port}`);
      const key = `${end.device} ${end.port}`;
      const before = ends.get(key);
      if (before) add(path, `${key} is used by ${before} already`);
      else ends.set(key, path);
    }
    const [a, b] = [find(wire.a.device), find(wire.b.device)];
    if (a === b && !wire.redundant) {
      add(`wires[${i}]`, `closes a ring with the wires before it; remove it, or write redundant: true`);
    }
    root.set(a, b);
  });
}
