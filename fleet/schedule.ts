import { extentOf, type FleetConfig } from './config.ts';
import { faultActions } from './faults/fault.ts';
import { plannedShape } from './shapes/registry.ts';
import { type Action, merged } from './shapes/shape.ts';

/** All that happens in a run, in order of time: the shape's actions and the links' faults. */
export function* schedule(config: FleetConfig): Generator<Action> {
  const extent = extentOf(config);
  const all = merged(plannedShape(config.shape).actions(extent), faultActions(config.faults, extent));
  for (const action of all) {
    if (action.atMs >= config.for) return;
    yield action;
  }
}

/** Whether devices go through links that can be spoiled. */
export const usesLinks = (config: FleetConfig): boolean =>
  config.faults.length > 0 || plannedShape(config.shape).links;
