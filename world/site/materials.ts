import type { Band } from './model.ts';

/**
 * Loss of one wall, dB. COST-231 multi-wall: 3.4 light, 6.9 heavy at 1.8 GHz; TGax adds 7 dB a wall; ITU-R
 * P.2040 gives how materials grow with frequency. Values between are rounded to half a dB.
 */
export const MATERIALS: Readonly<Record<string, Readonly<Record<Band, number>>>> = {
  glass: { '2.4': 2, '5': 3, '6': 3.5 },
  drywall: { '2.4': 3.5, '5': 4.5, '6': 5 },
  wood: { '2.4': 3.5, '5': 5, '6': 5.5 },
  brick: { '2.4': 7, '5': 10, '6': 11 },
  concrete: { '2.4': 10, '5': 16, '6': 18 },
  metal: { '2.4': 18, '5': 22, '6': 24 },
};

/** Loss of n floors (COST-231): 18.3 · n^((n+2)/(n+1) − 0.46). */
export const floorLossDb = (floors: number): number =>
  floors === 0 ? 0 : Math.round(18.3 * floors ** ((floors + 2) / (floors + 1) - 0.46) * 10) / 10;
