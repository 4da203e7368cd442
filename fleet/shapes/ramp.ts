import { z } from 'zod';
import type { Action, Extent, Shape } from './shape.ts';

export const rampSettings = z.strictObject({
  kind: z.literal('ramp'),
  /** Devices that are switched on a second. */
  rate: z.number().positive().max(100_000),
});
export type RampSettings = z.infer<typeof rampSettings>;

/** Every device once, evenly spaced. */
export function* rampIn(rate: number, devices: number): Generator<Action> {
  for (let device = 0; device < devices; device++) {
    yield { atMs: (device / rate) * 1000, kind: 'start', device };
  }
}

export const rampedInMs = (rate: number, devices: number): number => (devices / rate) * 1000;

/** A ramp that does not end within the run starts fewer devices than were asked for. */
export function rampProblems(rate: number, { devices, forMs }: Extent): string[] {
  const neededMs = rampedInMs(rate, devices);
  if (neededMs <= forMs) return [];
  return [
    `shape.rate: ${devices} devices at ${rate} a second take ${seconds(neededMs)} s, and the run ends after ${seconds(forMs)} s`,
  ];
}

export const seconds = (ms: number): number => Math.round(ms / 100) / 10;

/** Switched on at a constant rate until all are there; they stay. */
export const ramp: Shape<RampSettings> = {
  problems: ({ rate }, extent) => rampProblems(rate, extent),
  actions: ({ rate }, { devices }) => rampIn(rate, devices),
  peak: (_settings, { devices }) => devices,
};
