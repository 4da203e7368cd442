/** How strongly a station hears the access points of its network. */
import type { Being, WifiTraits } from '../beings/model.ts';
import type { Conditions } from '../happenings/conditions.ts';
import { NOISE_FLOOR_DBM, noiseDbm } from '../radio/channel.ts';
import type { RadioField } from '../radio/field.ts';
import { BANDS } from '../radio/walls.ts';
import { hash4, normal, subSeed } from '../random.ts';
import type { Band, Site } from '../site/model.ts';
import type { RadioOf } from './acts.ts';
import type { Position } from './track.ts';

/** What a station takes a radio's signal for, whole dBm. */
export interface Heard extends RadioOf {
  dbm: number;
}

/** An average over some beacons still errs by this. */
const ERROR_SD_DB = 1.5;
const HELD_HEIGHT_M = 1.1;

export class Signals {
  private readonly site: Site;
  private readonly field: RadioField;
  private readonly near: Int32Array;
  private readonly errors: number;
  /** By access point and band: the channel, 0 without a radio. */
  private readonly channels: Uint8Array;

  constructor(site: Site, field: RadioField) {
    this.site = site;
    this.field = field;
    this.near = new Int32Array(site.accessPoints.length);
    this.errors = subSeed(site.seed, 'beacon averages');
    this.channels = Uint8Array.from(
      site.accessPoints.flatMap((ap) =>
        BANDS.map((band) => ap.radios.find((radio) => radio.band === band)?.channel ?? 0),
      ),
    );
  }

  /** Bands that it may use in this network: 6 GHz is for WPA3 only (IEEE 802.11ax-2021 12.12.2). */
  bandsOf({ bands, ssid }: WifiTraits): Band[] {
    const security = this.site.ssids.find(({ name }) => name === ssid)?.security;
    return bands.filter((band) => band !== '6' || security === 'wpa3-sae');
  }

  /** Whether its management frames are protected (IEEE 802.11-2020 12.2.6). */
  isProtected(ssid: string): boolean {
    return this.site.ssids.find(({ name }) => name === ssid)?.security === 'wpa3-sae';
  }

  /** Address of a network of a radio. */
  bssid({ accessPoint, band }: RadioOf, ssid: string): string | undefined {
    const number = this.site.ssids.findIndex(({ name }) => name === ssid);
    return this.site.accessPoints[accessPoint].radios.find((radio) => radio.band === band)?.bssids[number];
  }

  /** One radio; −Infinity where it is silent, out of reach, or there is none such. */
  of(being: Being, radio: RadioOf, place: Position, tMs: number, conditions: Conditions): number {
    const { accessPoint } = radio;
    const band = BANDS.indexOf(radio.band);
    const powerDbm = this.field.powerDbm(accessPoint, band);
    const floor = this.field.floorOf(place.floor);
    const { id } = this.site.accessPoints[accessPoint];
    if (floor < 0 || Number.isNaN(powerDbm) || conditions.accessPointsDown.includes(id)) return -Infinity;
    const isDown = conditions.radiosDown.some((down) => down.accessPoint === id && down.band === radio.band);
    if (isDown) return -Infinity;
    const sent = {
      device: being.index,
      powerDbm,
      channel: 0,
      floor,
      x: place.x,
      y: place.y,
      z: HELD_HEIGHT_M,
      heading: place.headingRad,
      sample: 0,
    };
    const error = ERROR_SD_DB * normal(hash4(this.errors, being.index, accessPoint, band, (tMs / 1000) | 0));
    const mean = this.field.meanDbm(accessPoint, band, sent);
    return Math.round(
      Math.round((mean + error - this.noiseRiseDb(accessPoint, band, conditions)) * 100) / 100,
    );
  }

  /** What interference takes of a radio's signal. */
  private noiseRiseDb(accessPoint: number, band: number, { interference, channels }: Conditions): number {
    if (interference.length === 0) return 0;
    const { id } = this.site.accessPoints[accessPoint];
    const moved = channels.find((of) => of.accessPoint === id && of.band === BANDS[band])?.channel;
    const channel = moved ?? this.channels[accessPoint * BANDS.length + band];
    return noiseDbm(this.field, { accessPoint, band, channel }, interference) - NOISE_FLOOR_DBM;
  }

  /** All radios on these bands that it hears, the strongest first. */
  all(
    being: Being,
    bands: readonly Band[],
    place: Position,
    tMs: number,
    conditions: Conditions,
    leastDbm: number,
  ): Heard[] {
    const floor = this.field.floorOf(place.floor);
    if (floor < 0) return [];
    const heard: Heard[] = [];
    const count = this.field.near(floor, place.x, place.y, this.near);
    for (const accessPoint of this.near.subarray(0, count)) {
      for (const band of bands) {
        const dbm = this.of(being, { accessPoint, band }, place, tMs, conditions);
        if (dbm >= leastDbm) heard.push({ accessPoint, band, dbm });
      }
    }
    return heard.sort(
      (a, b) =>
        b.dbm - a.dbm || a.accessPoint - b.accessPoint || bands.indexOf(a.band) - bands.indexOf(b.band),
    );
  }
}
