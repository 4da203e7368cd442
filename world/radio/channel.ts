/**
 * What else is on the air: how much of the time a channel is taken, and how far the noise rises. Functions of the
 * time in steps of ten seconds, as radios report them, in whole percent and dB.
 */
import type { Interference } from '../happenings/conditions.ts';
import { hash4, normal, subSeed } from '../random.ts';
import type { Band } from '../site/model.ts';
import type { RadioField } from './field.ts';
import { BANDS } from './walls.ts';

/** Something that sends and is no Wi-Fi: a microwave oven, a camera, a jammer. */
export type Interferer = Pick<Interference, 'at' | 'band' | 'channels' | 'duty' | 'powerDbm'>;

export const NOISE_FLOOR_DBM = -94;
const STEP_MS = 10_000;
/** Energy that makes a station wait (IEEE 802.11-2020, 17.3.10.6: 20 dB above the weakest signal). */
const ENERGY_DETECT_DBM = -62;
/** Beacons and probe responses alone; each client adds its share of an ordinary office. */
const IDLE_PERCENT: Readonly<Record<Band, number>> = { '2.4': 18, '5': 5, '6': 2 };
const PERCENT_PER_CLIENT: Readonly<Record<Band, number>> = { '2.4': 1.5, '5': 0.7, '6': 0.4 };
const SPREAD_PERCENT = 4;

/** No device of the site: its own offset is that of nobody else. */
const INTERFERER = 0x5000_0000;

const milliwatts = (dbm: number): number => 10 ** (dbm / 10);

/** A radio: index of the access point, of the band in BANDS, and the channel that it is on. */
export interface RadioOnChannel {
  accessPoint: number;
  band: number;
  channel: number;
}

/** Power of the interferers on this channel, at this access point, while they send, dBm. */
function heardInterference(
  field: RadioField,
  { accessPoint, band, channel }: RadioOnChannel,
  interferers: readonly Interferer[],
): { dbm: number; duty: number }[] {
  return interferers.flatMap((source) => {
    const floor = field.floorOf(source.at.floor);
    if (source.band !== BANDS[band] || !source.channels.includes(channel) || floor < 0) return [];
    const { x, y, z } = source.at;
    const at = {
      device: INTERFERER,
      powerDbm: source.powerDbm,
      channel,
      floor,
      x,
      y,
      z,
      heading: 0,
      sample: 0,
    };
    return [{ dbm: field.meanDbm(accessPoint, band, at), duty: source.duty }];
  });
}

/** Percent of the time that the channel is taken; `clients`: how many stations are on the radio. */
export function utilisationPercent(
  field: RadioField,
  radio: RadioOnChannel,
  tMs: number,
  clients: number,
  interferers: readonly Interferer[],
): number {
  const name = BANDS[radio.band];
  const step = Math.floor(tMs / STEP_MS);
  const seed = subSeed(field.site.seed, 'channel');
  const wander = normal(hash4(seed, radio.accessPoint, radio.band, step | 0, 0));
  const own = IDLE_PERCENT[name] + clients * PERCENT_PER_CLIENT[name] + SPREAD_PERCENT * wander;
  const free = heardInterference(field, radio, interferers)
    .filter(({ dbm }) => dbm >= ENERGY_DETECT_DBM)
    .reduce((share, { duty }) => share * (1 - duty), 1 - Math.max(0, own) / 100);
  return Math.max(0, Math.min(100, Math.round(Math.round(1e5 * (1 - free)) / 1000)));
}

/** Mean noise and interference on the channel, whole dBm. */
export function noiseDbm(
  field: RadioField,
  radio: RadioOnChannel,
  interferers: readonly Interferer[],
): number {
  if (interferers.length === 0) return NOISE_FLOOR_DBM;
  const noise = heardInterference(field, radio, interferers).reduce(
    (sum, { dbm, duty }) => sum + duty * milliwatts(dbm),
    milliwatts(NOISE_FLOOR_DBM),
  );
  return Math.round(Math.round(10_000 * Math.log10(noise)) / 1000);
}
