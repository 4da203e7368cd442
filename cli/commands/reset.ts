import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { REGIONS } from '../../cloud-stub/regions/regions.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { airherdHome, cloudOf, demoHome, fleetHome } from '../home.ts';

async function confirmed(root: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new AirherdError('usage-invalid', { detail: `this removes ${root}; say --yes` });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Remove ${root} with its authority, identities and stores? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

/** Only a folder that airherd made: nobody's home is removed because of a wrong AIRHERD_HOME. */
async function isHome(root: string): Promise<boolean> {
  const parts = await Promise.all(
    ['ca', 'firmware', 'cloud', 'devices', 'demo', 'fleet'].map((part) =>
      stat(join(root, part)).then(
        (s) => s.isDirectory(),
        () => false,
      ),
    ),
  );
  return parts.some(Boolean);
}

export function reset(program: Command): void {
  program
    .command('reset')
    .description('remove all state: authority, identities, registry, stores')
    .option('--yes', 'do not ask')
    .action(async (options: { yes?: boolean }) => {
      const home = airherdHome();
      const { root, ca, firmware, devices } = home;
      const clouds = REGIONS.map((region) => cloudOf(root, region));
      if (!(await isHome(root))) {
        console.log(`nothing to remove in ${root}`);
        return;
      }
      if (!options.yes && !(await confirmed(root))) return;
      for (const part of [ca, firmware, ...clouds, devices, demoHome(home).root, fleetHome(home).root])
        await rm(part, { recursive: true, force: true });
      console.log(`removed what airherd kept in ${root}`);
    });
}
