import { z } from 'zod';
import { duration } from '../duration.ts';
import { rampedInMs, rampIn, rampProblems, seconds } from './ramp.ts';
import { type Action, type Extent, merged, type Shape } from './shape.ts';

/** What all shapes have that begin with a ramp and do one thing after it. */
export const afterRamp = {
  /** Devices that are switched on a second, at the beginning. */
  rate: z.number().positive().max(100_000),
  /** When it happens. */
  at: duration,
};

/** Of all devices, 0 to 1; which ones, the seed decides. */
export const share = z.number().gt(0).max(1);

export interface AfterRamp {
  rate: number;
  at: number;
}

/** Too early, or not over before the run is: `lastMs` is when the last thing happens. */
export function afterRampProblems({ rate, at }: AfterRamp, extent: Extent, lastMs: number): string[] {
  const problems = rampProblems(rate, extent);
  if (at < rampedInMs(rate, extent.devices)) {
    problems.push(`shape.at: the last device starts at ${seconds(rampedInMs(rate, extent.devices))} s`);
  }
  if (lastMs >= extent.forMs) {
    problems.push(`shape.at: it is over at ${seconds(lastMs)} s, after the run`);
  }
  return problems;
}

/** A shape that ramps in, and does `what` after it, with everybody connected at most. */
export function shapeAfterRamp<S extends AfterRamp>(of: {
  what(settings: S, extent: Extent): Action[];
  lastMs(settings: S, extent: Extent): number;
  links?: boolean;
}): Shape<S> {
  return {
    problems: (settings, extent) => afterRampProblems(settings, extent, of.lastMs(settings, extent)),
    actions: (settings, extent) => merged(rampIn(settings.rate, extent.devices), of.what(settings, extent)),
    peak: (_settings, { devices }) => devices,
    links: of.links,
  };
}
