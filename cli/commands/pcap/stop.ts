import type { Command } from 'commander';
import { AirherdError } from '../../../protocol/errors.ts';
import { type ApiFlags, openCloudApi, withApiFlags } from '../../cloud-api.ts';

interface Options extends ApiFlags {
  serial: string;
  org?: string;
}

export function pcapStop(group: Command): void {
  withApiFlags(
    group
      .command('stop')
      .description('end a capture that was started')
      .argument('<capture>', 'as airherd pcap start printed it')
      .requiredOption('--serial <serial>', 'device that captures')
      .option('--org <name>', 'name or id of the organisation, where there are several'),
  ).action(run);
}

async function run(capture: string, { serial, org, ...flags }: Options): Promise<void> {
  if (!/^[0-9a-f]{32}$/i.test(capture)) {
    throw new AirherdError('usage-invalid', { detail: 'a capture is named by 32 hexadecimal digits' });
  }
  const api = await openCloudApi(flags);
  const orgId = await api.organisation(org);
  const path = `/api/airherd/v1/orgs/${orgId}/captures/${serial}/${capture}/stop`;
  const { packets } = await api.json<{ packets: number }>(path, { method: 'POST' });
  console.log(`stopped after ${packets} frames`);
}
