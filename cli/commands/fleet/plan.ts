import type { Command } from 'commander';
import { describePlan, preflight } from './preflight.ts';
import { type FleetFlags, fleetConfig, withFleetFlags } from './settings.ts';

/** `airherd fleet plan`: what `run` would do and need; nothing is started. */
export function fleetPlan(group: Command): void {
  withFleetFlags(
    group.command('plan').description('say what a run would do, what it costs, and whether this machine can'),
  )
    .option('--json', 'print JSON')
    .action(async (file: string | undefined, flags: FleetFlags & { json?: boolean }) => {
      const config = await fleetConfig(file, flags);
      const checked = await preflight(config, flags);
      if (flags.json) {
        const { workers, estimate } = checked;
        console.log(
          JSON.stringify({ cloud: config.cloud, shape: config.shape, workers, ...estimate }, null, 2),
        );
      } else {
        for (const line of describePlan(config, checked)) console.log(line);
      }
    });
}
