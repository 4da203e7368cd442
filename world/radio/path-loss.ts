/**
 * Path loss in dB against distance. Each model is tabulated in steps of 1 cm when it is made: a sample costs a
 * look-up, and the table is quantised, so that no engine's logarithm decides anything.
 */

export type PathLossModel =
  /** P0 is the mean RSSI's loss at 1 m, n the exponent. */
  | { model: 'log-distance'; lossAt1mDb: number; exponent: number }
  /** 3GPP TR 38.901 table 7.4.1-1, indoor office. */
  | { model: '3gpp-inh-office'; frequencyGHz: number; lineOfSight: boolean }
  /** IEEE 802.11-14/0980 (TGax), enterprise; walls are counted apart. */
  | { model: 'tgax-enterprise'; frequencyGHz: number }
  /** ITU-R P.1238, office; floors are counted apart. */
  | { model: 'itu-p1238-office'; frequencyGHz: number };

const STEP_M = 0.01;
const MIN_DISTANCE_M = 0.1;

/** Loss at `distanceM`, by the formula. */
export function pathLossDb(model: PathLossModel, distanceM: number): number {
  const d = Math.max(distanceM, MIN_DISTANCE_M);
  switch (model.model) {
    case 'log-distance':
      return model.lossAt1mDb + 10 * model.exponent * Math.log10(d);
    case '3gpp-inh-office': {
      const los = 32.4 + 17.3 * Math.log10(d) + 20 * Math.log10(model.frequencyGHz);
      if (model.lineOfSight) return los;
      return Math.max(los, 17.3 + 38.3 * Math.log10(d) + 24.9 * Math.log10(model.frequencyGHz));
    }
    case 'tgax-enterprise': {
      const near = 40.05 + 20 * Math.log10(model.frequencyGHz / 2.4) + 20 * Math.log10(Math.min(d, 10));
      return d > 10 ? near + 35 * Math.log10(d / 10) : near;
    }
    case 'itu-p1238-office': {
      const exponent = model.frequencyGHz < 3 ? 30 : 31;
      return 20 * Math.log10(model.frequencyGHz * 1000) + exponent * Math.log10(d) - 28;
    }
  }
}

/** Probability of line of sight, 3GPP TR 38.901 table 7.4.2-1, indoor mixed office. */
export function lineOfSightProbability(distanceM: number): number {
  if (distanceM <= 1.2) return 1;
  if (distanceM < 6.5) return Math.exp(-(distanceM - 1.2) / 4.7);
  return 0.32 * Math.exp(-(distanceM - 6.5) / 32.6);
}

export class PathLossTable {
  /** Thousandths of a dB. */
  private readonly loss: Int32Array;
  private readonly last: number;

  constructor(model: PathLossModel, maxDistanceM: number) {
    this.last = Math.ceil(maxDistanceM / STEP_M);
    this.loss = Int32Array.from({ length: this.last + 1 }, (_, i) =>
      Math.round(pathLossDb(model, i * STEP_M) * 1000),
    );
  }

  /** dB; beyond the table's end, what its end has. */
  at(distanceM: number): number {
    const i = (distanceM * 100) | 0;
    return this.loss[Math.min(i, this.last)] / 1000;
  }
}
