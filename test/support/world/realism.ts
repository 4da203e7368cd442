/** Recorded tracks beside the same tracks with simulated RSSI: same times, same receivers, same places. */

import { fitRadio, fittedEnvironment, type RadioFit } from '../../../world/radio/fit.ts';
import { RadioLinks } from '../../../world/radio/link.ts';
import { hash } from '../../../world/random.ts';
import { type Estimator, errorsM, estimators, kolmogorovSmirnov } from './estimators.ts';
import {
  type TetamReceiver,
  type TetamSample,
  TRACKS,
  type TrackName,
  tetamReceivers,
  tetamTrack,
} from './tetam.ts';

/** The only track that parameters come from. */
export const FITTED_ON: TrackName = 'straight_01';
export const HELD_OUT = TRACKS.filter((name) => name !== FITTED_ON);
/** Taken before anything was simulated, and never changed. */
export const SEEDS = Array.from({ length: 10 }, (_, i) => 101 + i);

const ADVERTISING_CHANNELS = 3;
const EVERYTHING_IS_HEARD_DBM = -300;

export function simulateTrack(
  recorded: readonly TetamSample[],
  receivers: readonly TetamReceiver[],
  fit: RadioFit,
  seed: number,
): TetamSample[] {
  const environment = { ...fittedEnvironment(fit), sensitivityDbm: EVERYTHING_IS_HEARD_DBM };
  const links = new RadioLinks(environment, seed);
  return recorded.map((s, sample) => {
    const sent = {
      device: 1,
      powerDbm: fit.receiverOffsetsDb[s.receiver],
      channel: 37 + (hash(seed, s.receiver, sample) % ADVERTISING_CHANNELS),
      x: s.x,
      y: s.y,
      z: s.z,
      heading: s.headingRad,
      sample,
    };
    const { x, y, z } = receivers[s.receiver];
    return { ...s, rssiDbm: links.rssi(sent, { id: s.receiver, x, y, z }, 0) };
  });
}

export interface Realism {
  fit: RadioFit;
  /** All held-out tracks, and in the simulation all seeds, pooled. */
  rssi: { recorded: number[]; simulated: number[]; ks: number };
  errors: Record<string, { recorded: number[]; simulated: number[] }>;
}

export function compareTetam(
  tracks: readonly TrackName[] = HELD_OUT,
  seeds: readonly number[] = SEEDS,
): Realism {
  const receivers = tetamReceivers();
  const training = tetamTrack(FITTED_ON, receivers);
  const fit = fitRadio(training, receivers);
  const height = training.reduce((sum, s) => sum + s.z, 0) / training.length;
  const model = {
    p0Dbm: fit.p0Dbm,
    exponent: fit.exponent,
    sdDb: Math.hypot(fit.shadowingSdDb, fit.fadingSdDb),
  };
  const recorded = tracks.map((name) => tetamTrack(name, receivers));
  const simulated = seeds.flatMap((seed) =>
    recorded.map((track) => simulateTrack(track, receivers, fit, seed)),
  );
  const rssi = (list: TetamSample[][]) => list.flat().map((s) => s.rssiDbm);
  const pooled = (list: TetamSample[][], estimator: Estimator) =>
    list.flatMap((track) => errorsM(track, estimator)).sort((a, b) => a - b);
  return {
    fit,
    rssi: {
      recorded: rssi(recorded),
      simulated: rssi(simulated),
      ks: kolmogorovSmirnov(rssi(recorded), rssi(simulated)),
    },
    errors: Object.fromEntries(
      Object.entries(estimators(receivers, model, height)).map(([name, estimator]) => [
        name,
        { recorded: pooled(recorded, estimator), simulated: pooled(simulated, estimator) },
      ]),
    ),
  };
}
