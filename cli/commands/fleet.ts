import type { Command } from 'commander';
import { fleetCoordinate } from './fleet/coordinate.ts';
import { fleetMerge } from './fleet/merge.ts';
import { fleetPart } from './fleet/part.ts';
import { fleetPlan } from './fleet/plan.ts';
import { fleetRun } from './fleet/run.ts';
import { fleetWork } from './fleet/work.ts';

/** Every `airherd fleet` command, one file each in fleet/. */
const subcommands: readonly ((group: Command) => void)[] = [
  fleetPlan,
  fleetRun,
  fleetCoordinate,
  fleetWork,
  fleetPart,
  fleetMerge,
];

export function fleet(program: Command): void {
  const group = program.command('fleet').description('many virtual devices at once, and numbers of a target');
  for (const register of subcommands) register(group);
}
