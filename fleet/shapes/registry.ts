import { z } from 'zod';
import { churn, churnSettings } from './churn.ts';
import { constantArrival, constantArrivalSettings } from './constant-arrival.ts';
import { ramp, rampSettings } from './ramp.ts';
import type { Action, Extent, Shape } from './shape.ts';
import { storm, stormSettings } from './storm.ts';

export const shapeSettings = z.discriminatedUnion('kind', [
  rampSettings,
  constantArrivalSettings,
  stormSettings,
  churnSettings,
]);
export type ShapeSettings = z.infer<typeof shapeSettings>;
export const SHAPE_KINDS = ['ramp', 'constant-arrival', 'storm', 'churn'] as const;

/** A shape with its settings applied. */
export interface PlannedShape {
  problems(extent: Extent): string[];
  actions(extent: Extent): Iterable<Action>;
  peak(extent: Extent): number;
}

export function plannedShape(settings: ShapeSettings): PlannedShape {
  switch (settings.kind) {
    case 'ramp':
      return apply(ramp, settings);
    case 'constant-arrival':
      return apply(constantArrival, settings);
    case 'storm':
      return apply(storm, settings);
    case 'churn':
      return apply(churn, settings);
  }
}

function apply<S>(shape: Shape<S>, settings: S): PlannedShape {
  return {
    problems: (extent) => shape.problems(settings, extent),
    actions: (extent) => shape.actions(settings, extent),
    peak: (extent) => shape.peak(settings, extent),
  };
}
