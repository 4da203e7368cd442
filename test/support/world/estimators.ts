/** Location estimators as textbooks have them; input: mean RSSI by receiver. */
import type { TetamReceiver, TetamSample } from './tetam.ts';

export interface Heard {
  receiver: number;
  rssiDbm: number;
}

export type Estimate = { x: number; y: number };
export type Estimator = (heard: readonly Heard[]) => Estimate;

/** What the likelihood takes for given: one path loss for all receivers. */
export interface LikelihoodModel {
  p0Dbm: number;
  exponent: number;
  sdDb: number;
}

const CELL_M = 0.5;

export function estimators(
  receivers: readonly TetamReceiver[],
  model: LikelihoodModel,
  beaconHeightM: number,
): Record<string, Estimator> {
  const east = Math.max(...receivers.map((r) => r.x)) + 2;
  const north = Math.max(...receivers.map((r) => r.y));
  const cells: Estimate[] = [];
  for (let x = 0; x <= east; x += CELL_M) for (let y = 0; y <= north; y += CELL_M) cells.push({ x, y });
  const distances = cells.map((cell) =>
    receivers.map((r) => Math.hypot(cell.x - r.x, cell.y - r.y, beaconHeightM - r.z)),
  );
  const expected = distances.map((row) => row.map((d) => model.p0Dbm - 10 * model.exponent * Math.log10(d)));
  return {
    'weighted centroid': (heard) => {
      let [x, y, weight] = [0, 0, 0];
      for (const { receiver, rssiDbm } of heard) {
        const w = 10 ** (rssiDbm / 20);
        x += w * receivers[receiver].x;
        y += w * receivers[receiver].y;
        weight += w;
      }
      return { x: x / weight, y: y / weight };
    },
    /** Middle of the three strongest. */
    'three strongest': (heard) => {
      const three = [...heard].sort((a, b) => b.rssiDbm - a.rssiDbm).slice(0, 3);
      const mean = (axis: 'x' | 'y') => three.reduce((sum, h) => sum + receivers[h.receiver][axis], 0) / 3;
      return { x: mean('x'), y: mean('y') };
    },
    'strongest receiver': (heard) =>
      receivers[heard.reduce((best, h) => (h.rssiDbm > best.rssiDbm ? h : best)).receiver],
    /** Distances from the path loss, and the cell that is least off from all, nearer ones counting more. */
    multilateration: (heard) => {
      const ranges = heard.map(({ receiver, rssiDbm }) => ({
        receiver,
        distanceM: 10 ** ((model.p0Dbm - rssiDbm) / (10 * model.exponent)),
      }));
      let best = { cost: Infinity, cell: cells[0] };
      cells.forEach((cell, i) => {
        let cost = 0;
        for (const { receiver, distanceM } of ranges) {
          cost += ((distances[i][receiver] - distanceM) / distanceM) ** 2;
        }
        if (cost < best.cost) best = { cost, cell };
      });
      return best.cell;
    },
    /** Student-t with 3 degrees of freedom: one wild value does not carry the estimate away. */
    likelihood: (heard) => {
      let best = { cost: Infinity, cell: cells[0] };
      cells.forEach((cell, i) => {
        let cost = 0;
        for (const { receiver, rssiDbm } of heard) {
          cost += Math.log(1 + ((rssiDbm - expected[i][receiver]) / model.sdDb) ** 2 / 3);
        }
        if (cost < best.cost) best = { cost, cell };
      });
      return best.cell;
    },
  };
}

const WINDOW_S = 2;
const EVERY_S = 0.5;
const MIN_RECEIVERS = 3;

/** Errors in metres, ascending: every half second an estimate from the two seconds before. */
export function errorsM(samples: readonly TetamSample[], estimate: Estimator): number[] {
  const errors: number[] = [];
  let [first, last] = [0, -Infinity];
  for (let i = 0; i < samples.length; i++) {
    const now = samples[i];
    while (samples[first].tS <= now.tS - WINDOW_S) first++;
    if (now.tS - last < EVERY_S) continue;
    last = now.tS;
    const byReceiver = new Map<number, number[]>();
    for (const s of samples.slice(first, i + 1)) {
      byReceiver.set(s.receiver, [...(byReceiver.get(s.receiver) ?? []), s.rssiDbm]);
    }
    if (byReceiver.size < MIN_RECEIVERS) continue;
    const heard = [...byReceiver].map(([receiver, values]) => ({
      receiver,
      rssiDbm: values.reduce((sum, v) => sum + v, 0) / values.length,
    }));
    const at = estimate(heard);
    errors.push(Math.hypot(at.x - now.x, at.y - now.y));
  }
  return errors.sort((a, b) => a - b);
}

export const quantile = (sorted: readonly number[], p: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))];

/** Largest distance between two distributions of whole numbers. */
export function kolmogorovSmirnov(a: readonly number[], b: readonly number[]): number {
  const [p, q] = [[...a].sort((x, y) => x - y), [...b].sort((x, y) => x - y)];
  let [i, j, largest] = [0, 0, 0];
  for (const v of [...new Set([...p, ...q])].sort((x, y) => x - y)) {
    while (i < p.length && p[i] <= v) i++;
    while (j < q.length && q[j] <= v) j++;
    largest = Math.max(largest, Math.abs(i / p.length - j / q.length));
  }
  return largest;
}
