import type { Command } from 'commander';
import { scenarioRecord } from './scenario/record.ts';
import { scenarioRun } from './scenario/run.ts';

/** Every `airherd scenario` command, one file each in scenario/. */
export function scenario(program: Command): void {
  const group = program
    .command('scenario')
    .description('tests in a file: devices, what happens, what is expected');
  scenarioRun(group);
  scenarioRecord(group);
}
