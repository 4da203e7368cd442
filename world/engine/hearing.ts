/** Which radios hear a transmission, and how strongly. */
import { bleEnvironment, wifiEnvironment } from '../radio/bands.ts';
import { NOT_HEARD, RadioLinks } from '../radio/link.ts';
import { WallLossMap } from '../radio/walls.ts';
import { boundingBox } from '../site/geometry.ts';
import type { Band, Floor, Site } from '../site/model.ts';
import type { Transmitter } from './emission.ts';

/** Beyond this nobody listens: saves going through all access points of a campus, metres. */
const FARTHEST_M = 90;
const FARTHEST_FLOORS = 2;

export class Hearing {
  private readonly site: Site;
  private readonly floors: ReadonlyMap<string, Floor>;
  private readonly wifi: Readonly<Record<Band, RadioLinks>>;
  private readonly ble: RadioLinks;
  private readonly walls = new Map<string, WallLossMap>();

  constructor(site: Site) {
    this.site = site;
    this.floors = new Map(site.floors.map((floor) => [floor.id, floor]));
    const links = (band: Band) => new RadioLinks(wifiEnvironment(band), site.seed);
    this.wifi = { '2.4': links('2.4'), '5': links('5'), '6': links('6') };
    this.ble = new RadioLinks(bleEnvironment, site.seed);
  }

  /** Whole dBm at an access point, or null when it does not hear. `timeUs` tells transmissions apart. */
  signalDbm(
    from: Transmitter,
    accessPoint: number,
    band: Band,
    channel: number,
    timeUs: number,
    kind: 'wifi' | 'ble',
  ): number | null {
    const place = from.placeAt(timeUs);
    if (place === null) return null;
    const { at, antennaGainDb } = this.site.accessPoints[accessPoint];
    const here = this.floors.get(place.floor);
    const there = this.floors.get(at.floor);
    if (here === undefined || there === undefined) return null;
    const apart = there.level - here.level;
    if (Math.abs(apart) > FARTHEST_FLOORS) return null;
    const [dx, dy] = [at.x - place.x, at.y - place.y];
    if (dx * dx + dy * dy > FARTHEST_M * FARTHEST_M) return null;
    const sample = (Math.floor(timeUs / 100) ^ (timeUs % 100)) >>> 0;
    const sent = {
      device: from.device,
      powerDbm: from.powerDbm + antennaGainDb,
      channel,
      x: place.x,
      y: place.y,
      z: place.z,
      heading: place.headingRad,
      sample,
    };
    const receiver = { id: accessPoint, x: at.x, y: at.y, z: at.z + apart * here.heightM };
    const links = kind === 'ble' ? this.ble : this.wifi[band];
    const walls = this.wallMap(here, band, accessPoint, Math.abs(apart)).at(place.x, place.y);
    const dbm = links.rssi(sent, receiver, walls);
    return dbm === NOT_HEARD ? null : dbm;
  }

  private wallMap(floor: Floor, band: Band, accessPoint: number, apart: number): WallLossMap {
    const key = `${floor.id} ${band} ${accessPoint}`;
    const known = this.walls.get(key);
    if (known !== undefined) return known;
    const box = boundingBox(floor.outline);
    const map = new WallLossMap(
      floor,
      band,
      this.site.accessPoints[accessPoint].at,
      box.east,
      box.north,
      apart,
    );
    this.walls.set(key, map);
    return map;
  }
}
