import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { AirherdError } from '../../../protocol/errors.ts';
import { runSession } from './session.ts';

export function scenarioRecord(group: Command): void {
  group
    .command('record')
    .description('run a session with a live lab, and write all that was done and expected as a scenario')
    .argument('<module>', 'exports default async (lab) => { ... }, and options')
    .requiredOption('--out <file>', 'the scenario, YAML')
    .action(record);
}

async function record(module: string, { out }: { out: string }): Promise<void> {
  const { result, scenario } = await runSession(module);
  await writeFile(out, stringify(scenario)).catch((error: Error) => {
    throw new AirherdError('output-failed', { path: out, detail: error.message });
  });
  if (result.passed) return;
  console.error(result.steps[0].message);
  throw new AirherdError('some-failed', { failed: 1, all: 1 });
}
