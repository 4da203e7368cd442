import { writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { AirherdError } from '../../../protocol/errors.ts';
import { officeSite } from '../../../world/site/office.ts';
import { writePlan } from '../../../world/site/plan-file.ts';

const MAX_SEED = 0xffffffff;

function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new InvalidArgumentError(`write a whole number from ${low} to ${high}`);
    }
    return value;
  };
}

interface Options {
  seed: number;
  floors: number;
  out?: string;
}

export function worldMake(group: Command): void {
  group
    .command('make')
    .description('an office as YAML, from a seed: the same seed gives the same site')
    .option('--seed <n>', 'chooses the site', wholeNumber(0, MAX_SEED), 1)
    .option('--floors <n>', 'number of floors', wholeNumber(1, 50), 1)
    .option('--out <file>', 'where to write it (default: standard output)')
    .action(async ({ seed, floors, out }: Options) => {
      const text = writePlan(officeSite({ seed, floors }));
      if (out === undefined) {
        process.stdout.write(text);
        return;
      }
      await writeFile(out, text, { flag: 'wx' }).catch((error: Error) => {
        throw new AirherdError('output-failed', { path: out, detail: error.message });
      });
      console.log(`wrote ${out}; look at it with: airherd world show ${out}`);
    });
}
