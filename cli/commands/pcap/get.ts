import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { AirherdError } from '../../../protocol/errors.ts';
import { type ApiFlags, openCloudApi, withApiFlags } from '../../cloud-api.ts';

interface Options extends ApiFlags {
  output: string;
  org?: string;
}

export function pcapGet(group: Command): void {
  withApiFlags(
    group
      .command('get')
      .description('download a capture, its parts put together')
      .argument('<capture>', 'as airherd pcap list shows it; its first characters are enough')
      .requiredOption('-o, --output <file>', 'pcapng to write, or - for standard output')
      .option('--org <name>', 'name or id of the organisation, where there are several'),
  ).action(run);
}

async function run(capture: string, { output, org, ...flags }: Options): Promise<void> {
  const api = await openCloudApi(flags);
  const orgId = await api.organisation(org);
  const listed = await api.json<{ captureId: string; serial: string }[]>(
    `/api/airherd/v1/orgs/${orgId}/captures?limit=1000`,
  );
  const found = listed.filter(({ captureId }) => captureId.startsWith(capture.toLowerCase()));
  if (found.length !== 1) {
    const detail = `${found.length === 0 ? 'no capture begins' : `${found.length} captures begin`} with ${capture}`;
    throw new AirherdError('usage-invalid', { detail });
  }
  const [{ captureId, serial }] = found;
  const parts = await api.open(`/api/airherd/v1/orgs/${orgId}/captures/${serial}/${captureId}.pcapng`);
  const sink = output === '-' ? process.stdout : createWriteStream(output, { mode: 0o600 });
  try {
    await pipeline(parts, sink, { end: output !== '-' });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new AirherdError('output-failed', { path: output, detail }, { cause: error });
  }
}
