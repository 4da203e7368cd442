import type { Command } from 'commander';
import { worldMake } from './world/make.ts';
import { worldShow } from './world/show.ts';

/** Every `airherd world` command, one file each in world/. */
const subcommands: readonly ((group: Command) => void)[] = [worldMake, worldShow];

export function world(program: Command): void {
  const group = program.command('world').description('simulated sites: make one from a seed, look at it');
  for (const register of subcommands) register(group);
}
