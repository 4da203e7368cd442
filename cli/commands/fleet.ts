import type { Command } from 'commander';
import { fleetPlan } from './fleet/plan.ts';
import { fleetRun } from './fleet/run.ts';

/** Every `airherd fleet` command, one file each in fleet/. */
const subcommands: readonly ((group: Command) => void)[] = [fleetPlan, fleetRun];

export function fleet(program: Command): void {
  const group = program.command('fleet').description('many virtual devices at once, and numbers of a target');
  for (const register of subcommands) register(group);
}
