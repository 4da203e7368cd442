/**
 * Truncated Lévy walk (Rhee et al. 2011): straight flights whose lengths follow l^−(1+α) between two bounds,
 * with pauses of a power law in between. α from 0.7 to 1.7 was measured on people.
 */
import type { Draws } from '../random.ts';

const FLIGHT_M = { least: 0.5, most: 40 } as const;
const PAUSE_S = { least: 2, most: 300, exponent: 1 } as const;

/** Inverse of the truncated power law's distribution, u in [0, 1). */
const truncatedPower = (u: number, least: number, most: number, exponent: number): number => {
  const low = least ** -exponent;
  const high = most ** -exponent;
  return (low - u * (low - high)) ** (-1 / exponent);
};

/** Metres, in millimetres. */
export const flightM = (draws: Draws, alpha: number): number =>
  Math.round(1000 * truncatedPower(draws.uniform(), FLIGHT_M.least, FLIGHT_M.most, alpha)) / 1000;

export const pauseMs = (draws: Draws): number =>
  Math.round(1000 * truncatedPower(draws.uniform(), PAUSE_S.least, PAUSE_S.most, PAUSE_S.exponent));

const DIRECTIONS = 256;
/** Unit vectors in ten-thousandths: every engine has the same. */
const UNIT = Array.from({ length: DIRECTIONS }, (_, i) => ({
  x: Math.round(1e4 * Math.cos((2 * Math.PI * i) / DIRECTIONS)) / 1e4,
  y: Math.round(1e4 * Math.sin((2 * Math.PI * i) / DIRECTIONS)) / 1e4,
}));

export const direction = (draws: Draws): { x: number; y: number } => UNIT[draws.integer(0, DIRECTIONS - 1)];
