/** BLE advertising of a being: its interval with 0 to 10 ms of delay, its address new when it rotates. */
import type { Being, BleAdvert, BleTraits } from '../beings/model.ts';
import {
  eddystoneTlm,
  eddystoneUid,
  eddystoneUrl,
  hexBytes,
  iBeacon,
  randomAddress,
  wearable,
} from '../frames/ble-advertising.ts';
import { Draws, hash, subSeed } from '../random.ts';
import { MS, randomOctets, S, SEGMENT_US, segmentOf } from './chance.ts';
import type { Script, Transmitter } from './emission.ts';

/** Every so many advertisements of an Eddystone beacon is telemetry. */
const TELEMETRY_EVERY = 10;
const DAY_US = 86_400 * S;

export interface Advertiser {
  being: Being;
  traits: BleTraits;
  transmitter: Transmitter;
  seed: number;
  periods: Iterable<{ fromUs: number; toUs: number }>;
}

/** Each segment of time has a phase of its own, a whole interval away from the last of the segment before. */
export function* advertise({ being, traits, transmitter, seed, periods }: Advertiser): Script<void> {
  const own = hash(subSeed(seed, 'ble'), being.index);
  const intervalUs = Math.round(traits.intervalMs * MS);
  for (const { fromUs, toUs } of periods) {
    for (let segment = segmentOf(fromUs); segment * SEGMENT_US < toUs; segment++) {
      const phase = Math.floor(intervalUs / 2) + (hash(own, segment, 1) % Math.ceil(intervalUs / 2));
      const endUs = (segment + 1) * SEGMENT_US - Math.ceil(intervalUs / 2);
      let count = hash(own, segment, 2) % TELEMETRY_EVERY;
      for (let timeUs = segment * SEGMENT_US + phase; timeUs < Math.min(endUs, toUs); count++) {
        if (timeUs >= fromUs) {
          yield {
            medium: 'ble',
            timeUs,
            from: transmitter,
            address: bleAddress(seed, being, traits, timeUs),
            random: true,
            connectable: traits.advert.format === 'manufacturer',
            advertisingData: advertisingData(traits.advert, count, timeUs % DAY_US, intervalUs),
          };
        }
        // advDelay, Core Specification vol. 6 part B 4.4.2.2.1.
        timeUs += intervalUs + (hash(own, segment, count + 3) % 10_000);
      }
    }
  }
}

/** The address that the being has at a time. */
export function bleAddress(seed: number, being: Being, { rotatesMs }: BleTraits, timeUs: number): string {
  if (rotatesMs === null) {
    return randomAddress(
      randomOctets(new Draws(hash(subSeed(seed, 'ble address'), being.index)), 6),
      'static',
    );
  }
  const period = Math.floor(timeUs / MS / rotatesMs);
  const draws = new Draws(hash(subSeed(seed, 'ble address'), being.index, period % 2 ** 32));
  return randomAddress(randomOctets(draws, 6), 'resolvable');
}

/** `uptimeUs`: since midnight. */
function advertisingData(advert: BleAdvert, count: number, uptimeUs: number, intervalUs: number): Uint8Array {
  const isTelemetry = count % TELEMETRY_EVERY === TELEMETRY_EVERY - 1;
  if (isTelemetry && (advert.format === 'eddystone-uid' || advert.format === 'eddystone-url')) {
    const uptimeTenths = Math.floor(uptimeUs / 100_000);
    const advertisements = Math.floor(uptimeUs / intervalUs);
    return eddystoneTlm({ batteryMv: 2950, temperatureC: 21.5, advertisements, uptimeTenths });
  }
  switch (advert.format) {
    case 'ibeacon':
      return iBeacon(advert);
    case 'eddystone-uid':
      return eddystoneUid(advert.measuredPowerDbm, advert.namespace, advert.instance);
    case 'eddystone-url':
      return eddystoneUrl(advert.measuredPowerDbm, advert.url);
    case 'manufacturer':
      return wearable(advert.company, hexBytes(advert.data), null);
  }
}
