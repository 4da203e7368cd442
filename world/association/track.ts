import type { Point } from '../site/model.ts';

/** Where somebody stands: metres on a floor of the site, heading in radians from the x axis, counter-clockwise. */
export interface Position extends Point {
  floor: string;
  headingRad: number;
}

/** The way of one being through the site, as a function of time alone: asking twice gives the same answer. */
export interface Track {
  presentAt(tMs: number): boolean;
  /** Where it is; meaningful while it is present. */
  positionAt(tMs: number): Position;
  /**
   * A later time until which neither presence nor position changes, or `tMs` when it is under way. What watches
   * a being at its desk may skip to there.
   */
  restsUntil(tMs: number): number;
}

/** A being that stays where it is from one time to another. */
export function standing(at: Position, fromMs: number, toMs: number): Track {
  return {
    presentAt: (tMs) => tMs >= fromMs && tMs < toMs,
    positionAt: () => at,
    restsUntil: (tMs) => {
      if (tMs < fromMs) return fromMs;
      return tMs < toMs ? toMs : Number.POSITIVE_INFINITY;
    },
  };
}
