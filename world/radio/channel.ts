/**
 * What else is on the air: how much of the time a channel is taken, and how far the noise rises. Functions of the
 * time in steps of ten seconds, as radios report them, in whole percent and dB.
 */
import { hash4, normal, subSeed } from '../random.ts';
import type { Band, Place } from '../site/model.ts';
import type { RadioField } from './field.ts';
import { BANDS } from './walls.ts';

/** Something that sends and is no Wi-Fi: a microwave oven, a camera, a jammer. */
export interface Interferer {
  at: Place;
  band: Band;
  channels: readonly number[];
  /** Share of the time, 0 to 1. */
  duty: number;
  powerDbm: number;
}

export interface ChannelState {
  utilisationPercent: number;
  /** Mean noise and interference, whole dBm. */
  noiseDbm: number;
}

export const NOISE_FLOOR_DBM = -94;
const STEP_MS = 10_000;
/** Energy that makes a station wait (IEEE 802.11-2020, 17.3.10.6: 20 dB above the weakest signal). */
const ENERGY_DETECT_DBM = -62;
/** Beacons and probe responses alone; each client adds its share of an ordinary office. */
const IDLE_PERCENT: Readonly<Record<Band, number>> = { '2.4': 18, '5': 5, '6': 2 };
const PERCENT_PER_CLIENT: Readonly<Record<Band, number>> = { '2.4': 1.5, '5': 0.7, '6': 0.4 };
const SPREAD_PERCENT = 4;

const milliwatts = (dbm: number): number => 10 ** (dbm / 10);

/** Power of the interferers on this channel, at this access point, while they send, dBm. */
function interferenceDbm(
  field: RadioField,
  accessPoint: number,
  band: number,
  channel: number,
  interferers: readonly Interferer[],
): { dbm: number; duty: number }[] {
  return interferers.flatMap((source) => {
    const floor = field.floorOf(source.at.floor);
    if (source.band !== BANDS[band] || !source.channels.includes(channel) || floor < 0) return [];
    const { x, y, z } = source.at;
    const at = { device: -1, powerDbm: source.powerDbm, channel, floor, x, y, z, heading: 0, sample: 0 };
    return [{ dbm: field.meanDbm(accessPoint, band, at), duty: source.duty }];
  });
}

/** `clients`: how many stations are on the radio. */
export function channelState(
  field: RadioField,
  accessPoint: number,
  band: number,
  channel: number,
  tMs: number,
  clients: number,
  interferers: readonly Interferer[],
): ChannelState {
  const name = BANDS[band];
  const step = Math.floor(tMs / STEP_MS);
  const wander = normal(hash4(subSeed(field.site.seed, 'channel'), accessPoint, band, step, step / 2 ** 32));
  const own = IDLE_PERCENT[name] + clients * PERCENT_PER_CLIENT[name] + SPREAD_PERCENT * wander;
  const heard = interferenceDbm(field, accessPoint, band, channel, interferers);
  const taken = heard.filter(({ dbm }) => dbm >= ENERGY_DETECT_DBM);
  const free = taken.reduce((share, { duty }) => share * (1 - duty), 1 - Math.max(0, own) / 100);
  const noise = heard.reduce(
    (sum, { dbm, duty }) => sum + duty * milliwatts(dbm),
    milliwatts(NOISE_FLOOR_DBM),
  );
  return {
    utilisationPercent: Math.max(0, Math.min(100, Math.round(100 * (1 - free)))),
    noiseDbm: Math.round(Math.round(10_000 * Math.log10(noise)) / 1000),
  };
}

/** How many dB more noise an access point has than on a quiet channel. */
export function noiseRiseDb(
  field: RadioField,
  accessPoint: number,
  band: number,
  channel: number,
  interferers: readonly Interferer[],
): number {
  if (interferers.length === 0) return 0;
  return channelState(field, accessPoint, band, channel, 0, 0, interferers).noiseDbm - NOISE_FLOOR_DBM;
}
