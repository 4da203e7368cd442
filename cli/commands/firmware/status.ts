import type { Command } from 'commander';
import { type ApiFlags, openCloudApi, withApiFlags } from '../../cloud-api.ts';
import { printable } from '../../printable.ts';
import { rolloutId, rolloutLine, rolloutsOf, type ShownDevice, type ShownRollout } from './shapes.ts';

/** `airherd firmware status [ROLLOUT]`: how far it is. */
export function firmwareStatus(group: Command): void {
  withApiFlags(
    group
      .command('status')
      .description('how far a roll-out is, and what each device that was ordered says')
      .argument('[rollout]', 'its id; default: the newest'),
  )
    .option('--org <name>', 'organisation, by name or id; needed when there are several')
    .option('--json', 'print JSON')
    .action(async (named: string | undefined, options: ApiFlags & { org?: string; json?: boolean }) => {
      const api = await openCloudApi(options);
      const orgId = await api.organisation(options.org);
      const path = `${rolloutsOf(orgId)}/${await rolloutId(api, orgId, named)}`;
      const rollout = await api.json<ShownRollout & { devices: ShownDevice[] }>(path);
      if (options.json) {
        console.log(JSON.stringify(rollout, null, 2));
        return;
      }
      console.log(rolloutLine(rollout));
      for (const { serial, phase, percent, detail } of rollout.devices) {
        const far = phase === 'downloading' ? ` ${percent} %` : '';
        console.log(`  ${serial}  ${phase}${far}${detail === null ? '' : `  ${printable(detail)}`}`);
      }
    });
}
