import type { Command } from 'commander';
import { type ApiFlags, openCloudApi, withApiFlags } from '../../cloud-api.ts';
import { rolloutId, rolloutLine, rolloutsOf, type ShownRollout } from './shapes.ts';

const steer =
  (action: 'pause' | 'resume' | 'abort', description: string) =>
  (group: Command): void => {
    withApiFlags(
      group.command(action).description(description).argument('[rollout]', 'its id; default: the newest'),
    )
      .option('--org <name>', 'organisation, by name or id; needed when there are several')
      .option('--json', 'print JSON')
      .action(async (named: string | undefined, options: ApiFlags & { org?: string; json?: boolean }) => {
        const api = await openCloudApi(options);
        const orgId = await api.organisation(options.org);
        const path = `${rolloutsOf(orgId)}/${await rolloutId(api, orgId, named)}/${action}`;
        const rollout = await api.json<ShownRollout>(path, { method: 'POST' });
        console.log(options.json ? JSON.stringify(rollout) : rolloutLine(rollout));
      });
  };

export const firmwarePause = steer('pause', 'send no more orders; devices that have begun go on');
export const firmwareResume = steer(
  'resume',
  'go on with a roll-out that is paused; what failed is forgiven',
);
export const firmwareAbort = steer('abort', 'end a roll-out for good; devices that have begun go on');
