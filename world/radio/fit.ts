/**
 * Parameters of a radio environment from recorded, position-annotated RSSI: what a walked track tells, and
 * nothing else. The model is the one that is simulated:
 *
 *   RSSI = P0 − 10 n log10 d + offset(receiver) + shadowing(place) + fading(place, channel)
 *
 * Shadowing is correlated over metres (Gudmundson 1991: exp(−Δ/dc)); fading is drawn anew after a part of a
 * wavelength on each channel; offsets are one draw a receiver. The three spreads and dc are those that make the
 * recorded residuals most likely, with P0 and n profiled out (restricted maximum likelihood, Patterson and
 * Thompson 1971); n and P0 then follow by generalised least squares, the offsets as best linear unbiased
 * predictions, and the Ricean K is the one whose spread in dB is that of the fading.
 */

import { boundingBox } from '../site/geometry.ts';
import { choleskyInPlace, solveLower } from './cholesky.ts';
import { riceanMomentsDb } from './fading.ts';
import type { RadioEnvironment } from './link.ts';

interface Placed {
  x: number;
  y: number;
  z: number;
}

/** One reception: where the transmitter was, in metres, and how the receiver heard it. */
export interface RecordedSample extends Placed {
  receiver: number;
  rssiDbm: number;
}

export interface RadioFit {
  /** Mean RSSI at 1 m, dBm. */
  p0Dbm: number;
  exponent: number;
  /** By receiver, dB; 0 for one that has no samples. */
  receiverOffsetsDb: number[];
  /** Standard deviation over receivers, and how far each may still be from its prediction, dB. */
  offsetSdDb: number;
  offsetUncertaintyDb: number;
  shadowingSdDb: number;
  decorrelationM: number;
  fadingSdDb: number;
  redrawM: number;
  kFactorDb: number;
  /** By sample, dB: what path loss and offsets leave. */
  residualsDb: number[];
}

export interface FadingShape {
  /** Channels that a transmission may be heard on. */
  channels: number;
  /** Distance after which fading is drawn anew, metres. */
  redrawM: number;
}

const BLE_ADVERTISING: FadingShape = { channels: 3, redrawM: 0.25 };

interface Spreads {
  shadowingSdDb: number;
  decorrelationM: number;
  fadingSdDb: number;
  offsetSdDb: number;
}

const START: Spreads = { shadowingSdDb: 4, decorrelationM: 2, fadingSdDb: 4, offsetSdDb: 2 };
const PARAMETERS = ['shadowingSdDb', 'decorrelationM', 'fadingSdDb', 'offsetSdDb'] as const;
const FIRST_STEP = 1.6;
const LAST_STEP = 1.03;

/** Samples of one receiver. */
interface Group {
  receiver: number;
  indices: number[];
  points: RecordedSample[];
  logDistance: Float64Array;
  rssi: Float64Array;
}

export function fitRadio(
  samples: readonly RecordedSample[],
  receivers: readonly Placed[],
  shape: FadingShape = BLE_ADVERTISING,
): RadioFit {
  const groups = receivers.flatMap((at, receiver): Group[] => {
    const indices = samples.flatMap((s, i) => (s.receiver === receiver ? [i] : []));
    if (indices.length === 0) return [];
    const points = indices.map((i) => samples[i]);
    const away = (s: RecordedSample) => Math.hypot(s.x - at.x, s.y - at.y, s.z - at.z);
    return [
      {
        receiver,
        indices,
        points,
        logDistance: Float64Array.from(points, (s) => -10 * Math.log10(away(s))),
        rssi: Float64Array.from(points, (s) => s.rssiDbm),
      },
    ];
  });
  const spreads = search(groups, shape, longestDecorrelationM(samples));
  return describe(groups, samples.length, receivers.length, spreads, shape);
}

/**
 * The fitted environment, for transmissions of 0 dBm. The receivers' offsets are not in it (they are known, and
 * are added to the power); what is uncertain about them is. A Ricean gain has mean power 0 dB and a mean *in dB*
 * below that, which the loss makes up for.
 */
export function fittedEnvironment(fit: RadioFit): RadioEnvironment {
  return {
    pathLoss: {
      model: 'log-distance',
      lossAt1mDb: riceanMomentsDb(fit.kFactorDb).meanDb - fit.p0Dbm,
      exponent: fit.exponent,
    },
    maxDistanceM: 100,
    shadowingSdDb: fit.shadowingSdDb,
    decorrelationM: fit.decorrelationM,
    fading: { kind: 'ricean', kFactorDb: fit.kFactorDb, redrawM: fit.redrawM },
    receiverOffsetSdDb: fit.offsetUncertaintyDb,
    deviceOffsetSdDb: 0,
    bodyDb: 0,
    sensitivityDbm: -95,
  };
}

/**
 * A correlation that reaches beyond half of the ground covered cannot be told from an offset; exp(−Δ/dc) reaches
 * to 3 dc, where 5 % of it is left.
 */
function longestDecorrelationM(samples: readonly Placed[]): number {
  const box = boundingBox(samples);
  return Math.hypot(box.east - box.west, box.north - box.south) / 6;
}

/** Pattern search on the logarithms: one parameter at a time up or down, finer steps when none is better. */
function search(groups: readonly Group[], shape: FadingShape, longestM: number): Spreads {
  let spreads = { ...START, decorrelationM: Math.min(START.decorrelationM, longestM) };
  let cost = likelihood(groups, spreads, shape).cost;
  for (let step = FIRST_STEP; step > LAST_STEP; step = Math.sqrt(step)) {
    for (let better = true; better; ) {
      better = false;
      for (const name of PARAMETERS) {
        for (const factor of [step, 1 / step]) {
          const tried = { ...spreads, [name]: spreads[name] * factor };
          tried.decorrelationM = Math.min(tried.decorrelationM, longestM);
          const result = likelihood(groups, tried, shape).cost;
          if (result >= cost) continue;
          [spreads, cost, better] = [tried, result, true];
        }
      }
    }
  }
  return spreads;
}

const moved = (p: Placed, q: Placed): number => Math.hypot(p.x - q.x, p.y - q.y);

/** Chance that two places lie in one cell of a lattice of this spacing, whichever way the lattice lies. */
const sameCell = (p: Placed, q: Placed, spacingM: number): number =>
  Math.max(0, 1 - Math.abs(p.x - q.x) / spacingM) * Math.max(0, 1 - Math.abs(p.y - q.y) / spacingM);

/** Lower triangle of the covariance of one receiver's samples, factored. */
function factored({ points }: Group, s: Spreads, { redrawM, channels }: FadingShape): Float64Array {
  const n = points.length;
  const k = new Float64Array(n * n);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b <= a; b++) {
      const fading = a === b ? 1 : sameCell(points[a], points[b], redrawM) / channels;
      k[a * n + b] =
        s.offsetSdDb ** 2 +
        s.shadowingSdDb ** 2 * Math.exp(-moved(points[a], points[b]) / s.decorrelationM) +
        s.fadingSdDb ** 2 * fading;
    }
  }
  choleskyInPlace(k, n);
  return k;
}

/** −2 log of the restricted likelihood, up to a constant, with P0 and n of generalised least squares. */
function likelihood(groups: readonly Group[], spreads: Spreads, shape: FadingShape) {
  let [logDet, x11, x12, x22, y1, y2, yy] = [0, 0, 0, 0, 0, 0, 0];
  for (const group of groups) {
    const n = group.points.length;
    const l = factored(group, spreads, shape);
    const one = solveLower(l, n, new Float64Array(n).fill(1));
    const slope = solveLower(l, n, group.logDistance);
    const rssi = solveLower(l, n, group.rssi);
    for (let i = 0; i < n; i++) {
      logDet += 2 * Math.log(l[i * n + i]);
      x11 += one[i] * one[i];
      x12 += one[i] * slope[i];
      x22 += slope[i] * slope[i];
      y1 += one[i] * rssi[i];
      y2 += slope[i] * rssi[i];
      yy += rssi[i] * rssi[i];
    }
  }
  const det = x11 * x22 - x12 * x12;
  const p0Dbm = (x22 * y1 - x12 * y2) / det;
  const exponent = (x11 * y2 - x12 * y1) / det;
  return { cost: logDet + Math.log(det) + yy - p0Dbm * y1 - exponent * y2, p0Dbm, exponent };
}

function describe(
  groups: readonly Group[],
  samples: number,
  receivers: number,
  spreads: Spreads,
  shape: FadingShape,
): RadioFit {
  const { p0Dbm, exponent } = likelihood(groups, spreads, shape);
  const variance = spreads.offsetSdDb ** 2;
  const receiverOffsetsDb = new Array<number>(receivers).fill(0);
  const residualsDb = new Array<number>(samples).fill(0);
  let uncertain = 0;
  for (const group of groups) {
    const n = group.points.length;
    const l = factored(group, spreads, shape);
    const one = solveLower(l, n, new Float64Array(n).fill(1));
    const left = group.rssi.map((rssi, i) => rssi - p0Dbm - exponent * group.logDistance[i]);
    const white = solveLower(l, n, left);
    const offset = variance * one.reduce((sum, v, i) => sum + v * white[i], 0);
    uncertain += variance - variance ** 2 * one.reduce((sum, v) => sum + v * v, 0);
    receiverOffsetsDb[group.receiver] = offset;
    group.indices.forEach((index, i) => {
      residualsDb[index] = left[i] - offset;
    });
  }
  return {
    p0Dbm,
    exponent,
    receiverOffsetsDb,
    ...spreads,
    offsetUncertaintyDb: Math.sqrt(uncertain / groups.length),
    redrawM: shape.redrawM,
    kFactorDb: kFactorOf(spreads.fadingSdDb),
    residualsDb,
  };
}

/** In steps of a quarter dB; the spread falls as K grows. */
function kFactorOf(sdDb: number): number {
  let best = { kFactorDb: -10, error: Infinity };
  for (let kFactorDb = -10; kFactorDb <= 15; kFactorDb += 0.25) {
    const error = Math.abs(riceanMomentsDb(kFactorDb).sdDb - sdDb);
    if (error < best.error) best = { kFactorDb, error };
  }
  return best.kFactorDb;
}
