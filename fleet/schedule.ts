import { commandActions } from './commands.ts';
import { extentOf, type FleetConfig } from './config.ts';
import { faultActions } from './faults/fault.ts';
import { plannedShape } from './shapes/registry.ts';
import { type Action, merged } from './shapes/shape.ts';

/** All that happens in a run, in order of time: the shape's actions, the links' faults, and commands. */
export function* schedule(config: FleetConfig): Generator<Action> {
  const extent = extentOf(config);
  const toDevices = merged(plannedShape(config.shape).actions(extent), faultActions(config.faults, extent));
  const all = merged(toDevices, commandActions(config.commands, extent));
  for (const action of all) {
    if (action.atMs >= config.for) return;
    yield action;
  }
}

/** Whether devices go through links that can be spoiled. */
export const usesLinks = (config: FleetConfig): boolean =>
  config.faults.length > 0 || plannedShape(config.shape).links;
