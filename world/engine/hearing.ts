/** Which access points hear a transmission, and how strongly: the radio field asked about emissions. */
import { type RadioField, radioFieldOf } from '../radio/field.ts';
import { NOT_HEARD } from '../radio/link.ts';
import { BANDS } from '../radio/walls.ts';
import type { Band, Site } from '../site/model.ts';
import type { Transmitter } from './emission.ts';

export interface Heard {
  accessPoint: number;
  signalDbm: number;
}

export class Hearing {
  readonly field: RadioField;
  private readonly near: Int32Array;

  constructor(site: Site) {
    this.field = radioFieldOf(site);
    this.near = new Int32Array(site.accessPoints.length);
  }

  /** In whole dBm, for those of `listens`. The time tells transmissions of one place apart. */
  of(
    from: Transmitter,
    on: { band: Band; channel: number; ble: boolean },
    timeUs: number,
    listens: (accessPoint: number) => boolean,
    noiseRiseDb: (accessPoint: number) => number = () => 0,
  ): Heard[] {
    const heard: Heard[] = [];
    const place = from.placeAt(timeUs);
    const floor = place === null ? -1 : this.field.floorOf(place.floor);
    if (place === null || floor < 0) return heard;
    const sent = {
      device: from.device,
      powerDbm: from.powerDbm,
      channel: on.channel,
      floor,
      x: place.x,
      y: place.y,
      z: place.z,
      heading: place.headingRad,
      sample: Math.floor(timeUs / 100) % 2 ** 32,
    };
    const band = BANDS.indexOf(on.band);
    const count = this.field.near(floor, place.x, place.y, this.near);
    for (let k = 0; k < count; k++) {
      const accessPoint = this.near[k];
      if (!listens(accessPoint)) continue;
      const signalDbm = on.ble
        ? this.field.bleRssiDbm(accessPoint, sent)
        : this.field.rssiDbm(accessPoint, band, sent, noiseRiseDb(accessPoint));
      if (signalDbm !== NOT_HEARD) heard.push({ accessPoint, signalDbm });
    }
    return heard;
  }
}
