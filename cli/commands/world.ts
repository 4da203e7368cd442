import type { Command } from 'commander';
import { worldExport } from './world/export.ts';
import { worldImport } from './world/import.ts';
import { worldMake } from './world/make.ts';
import { worldRun } from './world/run.ts';
import { worldShow } from './world/show.ts';

/** Every `airherd world` command, one file each in world/. */
const subcommands: readonly ((group: Command) => void)[] = [
  worldMake,
  worldImport,
  worldShow,
  worldRun,
  worldExport,
];

export function world(program: Command): void {
  const group = program
    .command('world')
    .description('simulated sites: make one from a seed, look at it, run it');
  for (const register of subcommands) register(group);
}
