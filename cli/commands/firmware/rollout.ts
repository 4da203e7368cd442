import { type Command, InvalidArgumentError } from 'commander';
import { AirherdError } from '../../../protocol/errors.ts';
import { type ApiFlags, type CloudApi, openCloudApi, withApiFlags } from '../../cloud-api.ts';
import { upTo } from '../../whole-number.ts';
import { type ListedImage, rolloutLine, rolloutsOf, type ShownRollout } from './shapes.ts';

interface RolloutOptions extends ApiFlags {
  org?: string;
  site?: string;
  stages: number[];
  success: number;
  maxFailures: number;
  json?: boolean;
}

function stages(text: string): number[] {
  const all = text.split(',').map(Number);
  const grow = all.every((one, i) => Number.isInteger(one) && one >= 1 && (i === 0 || one > all[i - 1]));
  if (grow && all.at(-1) === 100) return all;
  throw new InvalidArgumentError('Percentages that grow and end with 100, such as 10,50,100.');
}

function failures(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is not a whole number.');
}

/** `airherd firmware rollout VERSION`: to the devices of an organisation, in stages. */
export function firmwareRollout(group: Command): void {
  withApiFlags(
    group
      .command('rollout')
      .description('have the devices of an organisation upgrade, stage by stage')
      .argument('<version>', 'of an image at the cloud, or its SHA-256'),
  )
    .option('--org <name>', 'organisation, by name or id; needed when there are several')
    .option('--site <name>', 'devices of this site only, by name or id')
    .option('--stages <percentages>', 'of the devices, one stage after the other', stages, [10, 50, 100])
    .option(
      '--success <percent>',
      'of a stage, so many have to commit before the next begins',
      upTo(100),
      100,
    )
    .option('--max-failures <n>', 'one more pauses the roll-out', failures, 0)
    .option('--json', 'print JSON')
    .action(async (version: string, options: RolloutOptions) => {
      const api = await openCloudApi(options);
      const orgId = await api.organisation(options.org);
      const siteId = options.site === undefined ? undefined : await siteOf(api, orgId, options.site);
      const body = {
        imageId: await imageOf(api, orgId, version),
        ...{
          siteId,
          stages: options.stages,
          successPercent: options.success,
          maxFailures: options.maxFailures,
        },
      };
      const begun = await api.json<ShownRollout>(rolloutsOf(orgId), { method: 'POST', body });
      console.log(options.json ? JSON.stringify(begun) : rolloutLine(begun));
    });
}

async function imageOf(api: CloudApi, orgId: string, named: string): Promise<string> {
  const images = await api.json<ListedImage[]>(`/api/airherd/v1/orgs/${orgId}/firmware`);
  const found = images.filter(({ id, version }) => id === named || version === named);
  if (found.length === 1) return found[0].id;
  const detail =
    found.length > 1
      ? `several images are ${named}; name one by its SHA-256`
      : `no image ${named}; there are ${images.map(({ version }) => version).join(', ') || 'none'}`;
  throw new AirherdError('usage-invalid', { detail });
}

async function siteOf(api: CloudApi, orgId: string, named: string): Promise<string> {
  const sites = await api.json<{ id: string; name: string }[]>(`/api/v1/orgs/${orgId}/sites`);
  const found = sites.find(({ id, name }) => id === named || name === named);
  if (found) return found.id;
  const names = sites.map(({ name }) => name).join(', ') || 'none';
  throw new AirherdError('usage-invalid', { detail: `no site ${named}; there are ${names}` });
}
