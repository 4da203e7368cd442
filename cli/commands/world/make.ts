import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Argument, type Command, InvalidArgumentError } from 'commander';
import { AirherdError } from '../../../protocol/errors.ts';
import { chainSite } from '../../../world/site/chain.ts';
import { GENERATORS } from '../../../world/site/generators.ts';
import { SITE_KINDS, type Site, type SiteKind } from '../../../world/site/model.ts';
import { writePlan } from '../../../world/site/plan-file.ts';

const MAX_SEED = 0xffffffff;
const MAX_SITES = 10_000;

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
  floors?: number;
  seats?: number;
  sites: number;
  only?: number;
  out?: string;
}

const CHAIN = 'chain';

async function write(path: string, site: Site): Promise<void> {
  await writeFile(path, writePlan(site), { flag: 'wx' }).catch((error: Error) => {
    throw new AirherdError('output-failed', { path, detail: error.message });
  });
}

/** One file for each shop; with `only`, that one alone, and it is the same. */
async function makeChain({ seed, sites, only, out }: Options): Promise<void> {
  if (out === undefined) throw new AirherdError('usage-invalid', { detail: 'a chain needs --out <folder>' });
  await mkdir(out, { recursive: true }).catch((error: Error) => {
    throw new AirherdError('output-failed', { path: out, detail: error.message });
  });
  const numbers = only === undefined ? Array.from({ length: sites }, (_, i) => i) : [only];
  for (const number of numbers) {
    const site = chainSite(seed, number);
    await write(join(out, `${site.name}.yaml`), site);
  }
  console.log(`wrote ${numbers.length} ${numbers.length === 1 ? 'site' : 'sites'} to ${out}`);
}

export function worldMake(group: Command): void {
  group
    .command('make')
    .description('a site as YAML, from a seed: the same seed gives the same site')
    .addArgument(new Argument('[kind]', 'what to make').choices([...SITE_KINDS, CHAIN]).default('office'))
    .option('--seed <n>', 'chooses the site', wholeNumber(0, MAX_SEED), 1)
    .option('--floors <n>', 'number of floors of a building', wholeNumber(1, 50))
    .option('--seats <n>', 'seats of a stadium', wholeNumber(1000, 100_000))
    .option('--sites <n>', 'shops of a chain', wholeNumber(1, MAX_SITES), 1000)
    .option('--only <n>', 'this shop of a chain alone, from 0', wholeNumber(0, MAX_SITES - 1))
    .option('--out <file>', 'where to write it; a folder for a chain (default: standard output)')
    .action(async (kind: SiteKind | typeof CHAIN, options: Options) => {
      if (kind === CHAIN) return makeChain(options);
      const { seed, floors, seats, out } = options;
      const site = GENERATORS[kind]({ seed, floors, seats });
      if (out === undefined) {
        process.stdout.write(writePlan(site));
        return;
      }
      await write(out, site);
      console.log(`wrote ${out}; look at it with: airherd world show ${out}`);
    });
}
