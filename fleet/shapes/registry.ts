import { z } from 'zod';
import { churn, churnSettings } from './churn.ts';
import { constantArrival, constantArrivalSettings } from './constant-arrival.ts';
import { diurnal, diurnalSettings } from './diurnal.ts';
import { halfOpen, halfOpenSettings } from './half-open.ts';
import { powerCut, powerCutSettings } from './power-cut.ts';
import { ramp, rampSettings } from './ramp.ts';
import { renewalWave, renewalWaveSettings } from './renewal-wave.ts';
import { roamWave, roamWaveSettings } from './roam-wave.ts';
import { rollingUpgrade, rollingUpgradeSettings } from './rolling-upgrade.ts';
import type { Action, Extent, Shape } from './shape.ts';
import { slowReader, slowReaderSettings } from './slow-reader.ts';
import { storm, stormSettings } from './storm.ts';

export const shapeSettings = z.discriminatedUnion('kind', [
  rampSettings,
  constantArrivalSettings,
  stormSettings,
  churnSettings,
  diurnalSettings,
  powerCutSettings,
  rollingUpgradeSettings,
  renewalWaveSettings,
  slowReaderSettings,
  halfOpenSettings,
  roamWaveSettings,
]);
export type ShapeSettings = z.infer<typeof shapeSettings>;
export const SHAPE_KINDS = [
  'ramp',
  'constant-arrival',
  'storm',
  'churn',
  'diurnal',
  'power-cut',
  'rolling-upgrade',
  'renewal-wave',
  'slow-reader',
  'half-open',
  'roam-wave',
] as const satisfies readonly ShapeSettings['kind'][];

/** A shape with its settings applied. */
export interface PlannedShape {
  problems(extent: Extent): string[];
  actions(extent: Extent): Iterable<Action>;
  peak(extent: Extent): number;
  /** Whether devices reach the target through a link that can be spoiled. */
  links: boolean;
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
    case 'diurnal':
      return apply(diurnal, settings);
    case 'power-cut':
      return apply(powerCut, settings);
    case 'rolling-upgrade':
      return apply(rollingUpgrade, settings);
    case 'renewal-wave':
      return apply(renewalWave, settings);
    case 'slow-reader':
      return apply(slowReader, settings);
    case 'half-open':
      return apply(halfOpen, settings);
    case 'roam-wave':
      return apply(roamWave, settings);
  }
}

function apply<S>(shape: Shape<S>, settings: S): PlannedShape {
  return {
    problems: (extent) => shape.problems(settings, extent),
    actions: (extent) => shape.actions(settings, extent),
    peak: (extent) => shape.peak(settings, extent),
    links: shape.links ?? false,
  };
}
