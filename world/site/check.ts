/** What can be wrong with a site, all of it at once. Paths are those of the data: `floors[0].rooms[3].outline`. */
import { Calendar } from '../calendar.ts';
import { checkPathLoss } from './check-radio.ts';
import { checkPower, checkWires } from './check-wires.ts';
import { contains, extentM, selfCrossing, signedArea2, WIDEST_FLOOR_M } from './geometry.ts';
import { MATERIALS } from './materials.ts';
import type { AccessPoint, Band, Floor, Place, Point, Site } from './model.ts';
import type { Add, Problem } from './problem.ts';

/** Smallest room, square metres. */
const MIN_AREA_M2 = 0.5;
const MAX_POWER_DBM = 36;

/** `isBroken`: what is known to be wrong already, and nothing shall be concluded from. */
export function checkSite(site: Site, isBroken: (path: string) => boolean = () => false): Problem[] {
  const problems: Problem[] = [];
  const add: Add = (path, message) => problems.push({ path, message });
  if (site.floors.length === 0) add('floors', 'a site needs at least one floor; describe one');
  checkTimeZone(site.timeZone, add);
  checkIds(site, add);
  const floors = new Map<string, Floor | null>();
  site.floors.forEach((floor, i) => {
    const isSound = checkFloor(floor, `floors[${i}]`, add) && !isBroken(`floors[${i}].outline`);
    floors.set(floor.id, isSound ? floor : null);
  });
  site.accessPoints.forEach((ap, i) => {
    checkPlace(ap.at, floors, `accessPoints[${i}].at`, add);
    checkRadios(ap, site.ssids.length, `accessPoints[${i}]`, add);
  });
  site.switches.forEach((item, i) => {
    checkPlace(item.at, floors, `switches[${i}].at`, add);
  });
  site.clients?.forEach((client, i) => {
    checkPlace(client.at, floors, `clients[${i}].at`, add);
  });
  checkWires(site, add);
  checkPower(site, add);
  checkNetworks(site, add);
  checkPathLoss(site, add);
  return problems;
}

function checkTimeZone(timeZone: string, add: Add): void {
  try {
    new Calendar(timeZone);
  } catch {
    add('timeZone', `no time zone ${timeZone || "''"}; write UTC, or one like Europe/Berlin`);
  }
}

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
  site.switches.forEach((item, i) => {
    item.ports.forEach((port, p) => {
      once(`${item.id} ${port.id}`, `switches[${i}].ports[${p}].id`, 'port');
    });
  });
  site.clients?.forEach((client, i) => {
    once(client.id, `clients[${i}].id`, 'id');
  });
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
  site.ssids.forEach((ssid, i) => {
    once(ssid.name, `ssids[${i}].name`, 'SSID');
  });
  site.networks.forEach((network, i) => {
    once(String(network.vlan), `networks[${i}].vlan`, 'VLAN');
  });
}

/** False when nothing can be concluded from it. */
function checkOutline(outline: readonly Point[], path: string, add: Add): boolean {
  if (outline.length < 3) {
    add(path, `needs at least 3 corners, not ${outline.length}; list them in order`);
    return false;
  }
  if (outline.some(({ x, y }) => !Number.isFinite(x) || !Number.isFinite(y))) {
    add(path, 'has a corner that is no number; write metres');
    return false;
  }
  const extent = extentM(outline);
  if (extent > WIDEST_FLOOR_M) {
    add(path, `is ${Math.round(extent)} m wide; write metres, ${WIDEST_FLOOR_M} at most`);
    return false;
  }
  const crossing = selfCrossing(outline);
  if (crossing) {
    add(path, `crosses itself: edges ${crossing[0]} and ${crossing[1]}; list the corners in order`);
    return false;
  }
  if (Math.abs(signedArea2(outline)) / 2 < MIN_AREA_M2) {
    add(path, `has no area; write corners that hold at least ${MIN_AREA_M2} m²`);
    return false;
  }
  return true;
}

function checkFloor(floor: Floor, path: string, add: Add): boolean {
  const isSound = checkOutline(floor.outline, `${path}.outline`, add);
  if (!(floor.heightM >= 2 && floor.heightM <= 200))
    add(`${path}.heightM`, `${floor.heightM} m is no height of a floor; write 2 to 200`);
  floor.rooms.forEach((room, i) => {
    checkOutline(room.outline, `${path}.rooms[${i}].outline`, add);
  });
  floor.walls.forEach((wall, i) => {
    if (!(wall.material in MATERIALS)) {
      add(
        `${path}.walls[${i}].material`,
        `no material ${wall.material}; write one of ${Object.keys(MATERIALS).join(', ')}`,
      );
    }
    const { from, to } = wall;
    if (!(Math.hypot(to.x - from.x, to.y - from.y) > 0))
      add(`${path}.walls[${i}]`, 'has no length; write two places, or remove it');
  });
  return isSound;
}

function checkPlace(at: Place, floors: ReadonlyMap<string, Floor | null>, path: string, add: Add): void {
  const floor = floors.get(at.floor);
  if (floor === undefined) {
    add(`${path}.floor`, `no floor ${at.floor}; there are ${[...floors.keys()].join(', ') || 'none'}`);
  } else if (floor !== null && !contains(floor.outline, at)) {
    const xs = floor.outline.map((p) => p.x);
    const ys = floor.outline.map((p) => p.y);
    const span = (of: number[]) => `${Math.min(...of)} to ${Math.max(...of)}`;
    add(
      path,
      `(${at.x}, ${at.y}) is outside floor ${at.floor}; write a place inside its walls, x ${span(xs)}, y ${span(ys)}`,
    );
  }
}

/** Annex E of IEEE 802.11: centres of 20 MHz channels. */
const CHANNELS: Readonly<Record<Band, { isOne: (channel: number) => boolean; text: string }>> = {
  '2.4': { isOne: (c) => c <= 14, text: '1 to 14' },
  '5': {
    isOne: (c) => (c >= 36 && c <= 144 && c % 4 === 0) || (c >= 149 && c <= 177 && c % 4 === 1),
    text: '36, 40 … 144, 149, 153 … 177',
  },
  '6': { isOne: (c) => c % 4 === 1, text: '1, 5, 9 … 233' },
};

function checkRadios(ap: AccessPoint, ssids: number, path: string, add: Add): void {
  const bands = new Set<Band>();
  ap.radios.forEach(({ band, channel, powerDbm, bssids }, r) => {
    const at = `${path}.radios[${r}]`;
    if (!(powerDbm >= 0 && powerDbm <= MAX_POWER_DBM))
      add(`${at}.powerDbm`, `${powerDbm} dBm is not possible; write 0 to ${MAX_POWER_DBM}`);
    if (!CHANNELS[band].isOne(channel))
      add(`${at}.channel`, `${channel} is no channel at ${band} GHz; write one of ${CHANNELS[band].text}`);
    if (bssids.length !== ssids)
      add(`${at}.bssids`, `${bssids.length} BSSIDs for ${ssids} SSIDs; write one for each`);
    if (bands.has(band)) add(`${at}.band`, `there is a radio for ${band} GHz already; remove one`);
    bands.add(band);
  });
}

function checkNetworks(site: Site, add: Add): void {
  const known = new Set(site.networks.map(({ vlan }) => vlan));
  site.ssids.forEach(({ vlan, security, passphrase }, i) => {
    if (!known.has(vlan))
      add(`ssids[${i}].vlan`, `no network has VLAN ${vlan}; there are ${[...known].join(', ') || 'none'}`);
    if ((security === 'wpa2-psk' || security === 'wpa3-sae') && passphrase === null)
      add(`ssids[${i}].passphrase`, `${security} needs one; write 8 to 63 characters`);
  });
}
