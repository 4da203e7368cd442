import type { Command } from 'commander';
import { table } from '../table.ts';
import { type Finding, findings } from './doctor/findings.ts';

/** What may be had, what is there, and what is in the way: each with its sign. */
const SIGNS: Readonly<Record<Finding['state'], string>> = {
  ready: '✓ ready',
  missing: '– missing',
  blocked: '✗ no right',
  absent: '· none here',
};
const WIDTH = 100;

export function doctor(program: Command): void {
  program
    .command('doctor')
    .description('what this machine can observe, what is missing, and the command that mends it')
    .option('--json', 'the same as a JSON array')
    .action(run);
}

/** Exit code 0 when frames can be captured: all else is a choice. */
async function run({ json }: { json?: boolean }): Promise<void> {
  const found = await findings();
  if (json) console.log(JSON.stringify(found, null, 2));
  else print(found);
  if (!found.some(({ source, state }) => source === 'live' && state === 'ready')) process.exitCode = 6;
}

function print(found: readonly Finding[]): void {
  const width = process.stdout.columns ?? WIDTH;
  const columns = [{ title: 'source' }, { title: 'state' }, { title: 'what there is', minWidth: 20 }];
  const rows = found.map(({ source, state, detail }) => [source, SIGNS[state], detail]);
  for (const line of table(columns, rows, width)) console.log(line);
  // Commands are to be pasted: they are never shortened to fit.
  const mends = found.filter(({ mend }) => mend !== undefined);
  if (mends.length === 0) return;
  console.log('\nto mend:');
  const widest = Math.max(...mends.map(({ source }) => source.length));
  for (const { source, mend } of mends) console.log(`  ${source.padEnd(widest)}  ${mend}`);
}
