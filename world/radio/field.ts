/**
 * The radio of a whole site: which access points are near a place, and how strong a signal is between the two.
 * Everything is a function of (site, place, device, sample); what is kept is kept to save time only. Air is
 * taken for reciprocal: what an access point hears of a device and what the device hears of it differ by their
 * powers.
 */
import { boundingBox } from '../site/geometry.ts';
import type { Band, Point, Site } from '../site/model.ts';
import { bleEnvironment, wifiEnvironment } from './bands.ts';
import { type RadioEnvironment, RadioLinks, type Transmission } from './link.ts';
import { BANDS, WallLosses } from './walls.ts';

/** A transmission from a place on a floor of the site; `z` is above that floor. */
export interface SiteTransmission extends Transmission {
  /** Index of the floor. */
  floor: number;
}

export interface RadioFieldOptions {
  wifi?: (band: Band) => RadioEnvironment;
  ble?: RadioEnvironment;
  /** Beyond this, in the plane, nobody listens, metres. */
  reachM?: number;
  /** Nor through more ceilings than these. */
  reachFloors?: number;
  /** Slots of the table of wall losses, a power of two. */
  wallSlots?: number;
}

const BUCKET_M = 25;
interface PointAbove extends Point {
  z: number;
}

/** An antenna with gain in the horizontal plane has less above and below it. */
const ELEVATION_LOSS_DB = 8;
/** Beam of an array: 3GPP TR 38.901 table 7.3-1, −12 (φ/65°)² dB down to −30; here with a gain of 8 dBi. */
const BEAM = { gainDb: 8, width3DbDeg: 65, floorDb: 30 } as const;

/** `r` the access point, `t` the device. */
function elevationLossDb(r: PointAbove, t: PointAbove): number {
  const dx = r.x - t.x;
  const dy = r.y - t.y;
  const dz = r.z - t.z;
  const square = dx * dx + dy * dy + dz * dz;
  return square > 0 ? (ELEVATION_LOSS_DB * dz * dz) / square : 0;
}

export class RadioField {
  readonly site: Site;
  readonly reachM: number;
  private readonly reachFloors: number;
  private readonly wifi: readonly RadioLinks[];
  private readonly ble: RadioLinks;
  private readonly walls: WallLosses;
  private readonly floorIndex: ReadonlyMap<string, number>;
  /** By floor. */
  private readonly levels: Float64Array;
  private readonly heightsM: Float64Array;
  /** By access point. */
  private readonly x: Float64Array;
  private readonly y: Float64Array;
  private readonly z: Float64Array;
  private readonly floor: Int32Array;
  private readonly gainDb: Float64Array;
  /** By access point and band; NaN where it has no such radio. */
  private readonly powersDbm: Float64Array;
  /** Access points by square, in the order of the squares: `order[start[s]]` to `order[start[s + 1]]`. */
  private readonly start: Int32Array;
  private readonly order: Int32Array;
  private readonly columns: number;
  private readonly rows: number;
  private readonly west: number;
  private readonly south: number;
  private readonly receiver = { id: 0, x: 0, y: 0, z: 0 };

  constructor(site: Site, options: RadioFieldOptions = {}) {
    const { radio } = site;
    const { ble = bleEnvironment(radio?.ble), reachM = 90, reachFloors = 2, wallSlots } = options;
    const { wifi = (band: Band) => wifiEnvironment(band, radio?.wifi) } = options;
    this.site = site;
    this.reachM = reachM;
    this.reachFloors = reachFloors;
    this.wifi = BANDS.map((band) => new RadioLinks(wifi(band), site.seed));
    this.ble = new RadioLinks(ble, site.seed);
    this.floorIndex = new Map(site.floors.map((floor, i) => [floor.id, i]));
    this.levels = Float64Array.from(site.floors, ({ level }) => level);
    this.heightsM = Float64Array.from(site.floors, ({ heightM }) => heightM);
    const aps = site.accessPoints;
    this.x = Float64Array.from(aps, (ap) => ap.at.x);
    this.y = Float64Array.from(aps, (ap) => ap.at.y);
    this.z = Float64Array.from(aps, (ap) => ap.at.z);
    this.floor = Int32Array.from(aps, (ap) => this.floorOf(ap.at.floor));
    this.gainDb = Float64Array.from(aps, (ap) => ap.antennaGainDb);
    this.powersDbm = Float64Array.from(
      aps.flatMap((ap) =>
        BANDS.map((band) => ap.radios.find((r) => r.band === band)?.powerDbm ?? Number.NaN),
      ),
    );
    const box = boundingBox(aps.map((ap) => ap.at));
    this.west = box.west;
    this.south = box.south;
    this.columns = aps.length ? Math.floor((box.east - box.west) / BUCKET_M) + 1 : 0;
    this.rows = aps.length ? Math.floor((box.north - box.south) / BUCKET_M) + 1 : 0;
    const square = (i: number) =>
      Math.floor((this.y[i] - this.south) / BUCKET_M) * this.columns +
      Math.floor((this.x[i] - this.west) / BUCKET_M);
    this.start = new Int32Array(this.columns * this.rows + 1);
    for (let i = 0; i < aps.length; i++) this.start[square(i) + 1]++;
    for (let s = 0; s < this.columns * this.rows; s++) this.start[s + 1] += this.start[s];
    const next = this.start.slice();
    this.order = new Int32Array(aps.length);
    for (let i = 0; i < aps.length; i++) this.order[next[square(i)]++] = i;
    this.walls = new WallLosses(site, this.order, wallSlots);
  }

  /** Index of a floor, −1 for one that the site does not have. */
  floorOf(id: string): number {
    return this.floorIndex.get(id) ?? -1;
  }

  /** What an access point's radio sends with, dBm; NaN without a radio of the band. */
  powerDbm(accessPoint: number, band: number): number {
    return this.powersDbm[accessPoint * BANDS.length + band];
  }

  /**
   * Access points within reach of a place, written to `into` (which must have room for all of the site's);
   * returns how many. Their order is that of the squares they stand in.
   */
  near(floor: number, x: number, y: number, into: Int32Array, reachM = this.reachM): number {
    const { levels, reachFloors } = this;
    const level = levels[floor];
    const column = (at: number) => Math.floor((at - this.west) / BUCKET_M);
    const row = (at: number) => Math.floor((at - this.south) / BUCKET_M);
    const lastRow = Math.min(this.rows - 1, row(y + reachM));
    const lastColumn = Math.min(this.columns - 1, column(x + reachM));
    let count = 0;
    for (let r = Math.max(0, row(y - reachM)); r <= lastRow; r++) {
      for (let c = Math.max(0, column(x - reachM)); c <= lastColumn; c++) {
        const s = r * this.columns + c;
        for (let k = this.start[s]; k < this.start[s + 1]; k++) {
          const ap = this.order[k];
          const dx = this.x[ap] - x;
          const dy = this.y[ap] - y;
          if (dx * dx + dy * dy > reachM * reachM) continue;
          if (Math.abs(levels[this.floor[ap]] - level) > reachFloors) continue;
          into[count++] = ap;
        }
      }
    }
    return count;
  }

  /** Points `receiver` at an access point, and returns what walls take less what the antenna gives, dB. */
  private towards(accessPoint: number, band: number, t: SiteTransmission): number {
    const r = this.receiver;
    const { levels } = this;
    const from = this.floor[accessPoint];
    r.id = accessPoint;
    r.x = this.x[accessPoint];
    r.y = this.y[accessPoint];
    r.z = this.z[accessPoint] + (levels[from] - levels[t.floor]) * this.heightsM[t.floor];
    const gain = this.gainDb[accessPoint];
    const walls = this.walls.lossDb(accessPoint, r, from, t.floor, t.x, t.y, band);
    return walls + (gain > 0 ? elevationLossDb(r, t) : 0) - gain;
  }

  /** Whole dBm of a transmission at an access point, or NOT_HEARD. `noiseRiseDb` makes it deafer. */
  rssiDbm(accessPoint: number, band: number, t: SiteTransmission, noiseRiseDb = 0): number {
    const loss = this.towards(accessPoint, band, t);
    return this.wifi[band].rssi(t, this.receiver, loss, noiseRiseDb);
  }

  /** Mean over fading in hundredths of a dB: what a long average shows. */
  meanDbm(accessPoint: number, band: number, t: SiteTransmission): number {
    const loss = this.towards(accessPoint, band, t);
    return Math.round(100 * this.wifi[band].meanDbm(t, this.receiver, loss)) / 100;
  }

  /** Bluetooth advertising at an access point: the whole array, or the beam of that number. */
  bleRssiDbm(accessPoint: number, t: SiteTransmission, beam: number | null = null): number {
    const loss =
      this.towards(accessPoint, 0, t) - (beam === null ? 0 : this.beamGainDb(accessPoint, beam, t));
    return this.ble.rssi(t, this.receiver, loss, 0);
  }

  private beamGainDb(accessPoint: number, beam: number, t: SiteTransmission): number {
    const pointsDeg = this.site.accessPoints[accessPoint].ble?.beamsDeg[beam];
    if (pointsDeg === undefined) return 0;
    const bearing = (Math.atan2(t.x - this.x[accessPoint], t.y - this.y[accessPoint]) * 180) / Math.PI;
    const off = Math.abs(((((bearing - pointsDeg) % 360) + 540) % 360) - 180);
    return BEAM.gainDb - Math.min(BEAM.floorDb, 12 * (off / BEAM.width3DbDeg) ** 2);
  }
}

const fields = new WeakMap<Site, RadioField>();

/** The radio of a site: all who ask about the same air share what has been worked out of it. */
export function radioFieldOf(site: Site): RadioField {
  const known = fields.get(site) ?? new RadioField(site);
  fields.set(site, known);
  return known;
}
