import type { Command } from 'commander';
import { type ApiFlags, openCloudApi, withApiFlags } from '../../cloud-api.ts';
import { macAddress } from '../../mac-option.ts';
import { table } from '../../table.ts';

const MOST = 1000;

interface Options extends ApiFlags {
  client?: string;
  serial?: string;
  org?: string;
  json?: boolean;
}

/** As the API tells of a capture. */
interface ListedCapture {
  captureId: string;
  serial: string;
  trigger: string;
  class: string;
  client?: string;
  interfaceName?: string;
  fromMs: number;
  toMs: number;
  packets: number;
  bytesKept: number;
  parts: number;
  complete: boolean;
}

export function pcapList(group: Command): void {
  withApiFlags(
    group
      .command('list')
      .description('captures that the cloud holds, newest first')
      .option('--client <mac>', 'about this client', macAddress)
      .option('--serial <serial>', 'of this device')
      .option('--org <name>', 'name or id of the organisation, where there are several')
      .option('--json', 'print JSON'),
  ).action(run);
}

async function run({ client, serial, org, json, ...flags }: Options): Promise<void> {
  const api = await openCloudApi(flags);
  const orgId = await api.organisation(org);
  const query = new URLSearchParams({
    limit: String(MOST),
    ...(client !== undefined && { mac: client }),
    ...(serial !== undefined && { serial }),
  });
  const captures = await api.json<ListedCapture[]>(`/api/airherd/v1/orgs/${orgId}/captures?${query}`);
  if (json) {
    console.log(JSON.stringify(captures, null, 2));
    return;
  }
  const rows = captures.map((capture) => [
    capture.captureId,
    capture.serial,
    capture.trigger,
    colons(capture.client ?? ''),
    new Date(capture.fromMs).toISOString().replace('T', ' ').slice(0, 19),
    `${((capture.toMs - capture.fromMs) / 1000).toFixed(1)} s`,
    String(capture.packets),
    capture.class === 'pcap.payload' ? 'payload' : 'headers',
    capture.complete ? '' : 'not complete',
  ]);
  const columns = [
    { title: 'CAPTURE' },
    { title: 'DEVICE' },
    { title: 'TRIGGER' },
    { title: 'CLIENT' },
    { title: 'FROM (UTC)' },
    { title: 'FOR', align: 'right' },
    { title: 'FRAMES', align: 'right' },
    { title: 'HOLDS' },
    { title: '' },
  ] as const;
  console.log(table(columns, rows, process.stdout.columns ?? Number.POSITIVE_INFINITY).join('\n'));
}

const colons = (mac: string): string => mac.replace(/..(?=.)/g, '$&:');
