import { type Command, Option } from 'commander';
import { AirherdError } from '../../../protocol/errors.ts';
import { PCAP_TRIGGERS } from '../../../protocol/messages/pcap.ts';
import { type ApiFlags, openCloudApi, withApiFlags } from '../../cloud-api.ts';
import { parseDuration } from '../../duration.ts';
import { macAddress } from '../../mac-option.ts';

interface Options extends ApiFlags {
  client?: string;
  serial?: string;
  trigger?: string;
  since?: number;
  org?: string;
}

export function pcapTail(group: Command): void {
  withApiFlags(
    group
      .command('tail')
      .description('captures as they reach the cloud, as pcapng on standard output')
      .option('--client <mac>', 'captures about this client, and its frames out of all others', macAddress)
      .option('--serial <serial>', 'of this device only')
      .addOption(new Option('--trigger <name>', 'with this trigger only').choices([...PCAP_TRIGGERS]))
      .option('--since <duration>', 'first what was captured since: 15s, 5m, 2h', parseDuration)
      .option('--org <name>', 'name or id of the organisation, where there are several'),
  )
    .addHelpText('after', '\nairherd pcap tail --client 02:00:5e:10:00:01 | wireshark -k -i -')
    .action(run);
}

async function run({ client, serial, trigger, since, org, ...flags }: Options): Promise<void> {
  if (process.stdout.isTTY) {
    throw new AirherdError('usage-invalid', {
      detail: 'this writes pcapng: pipe it into wireshark -k -i - or a file',
    });
  }
  const api = await openCloudApi(flags);
  const orgId = await api.organisation(org);
  const query = new URLSearchParams({
    ...(client !== undefined && { client }),
    ...(serial !== undefined && { serial }),
    ...(trigger !== undefined && { trigger }),
    ...(since !== undefined && { from: String(Date.now() - since) }),
  });
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, onSignal);
  try {
    const captures = await api.open(`/api/airherd/v1/orgs/${orgId}/captures/live.pcapng?${query}`, {
      signal: stop.signal,
    });
    await copyOut(captures, stop);
    if (!stop.signal.aborted) {
      throw new AirherdError('cloud-unreachable', { ...api.address, detail: 'it ended the capture' });
    }
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal);
  }
}

/** Ends, as it should, when the reader of standard output has gone. */
async function copyOut(captures: AsyncIterable<Buffer>, stop: AbortController): Promise<void> {
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') console.error(`airherd: ${error.message}`);
    stop.abort();
  });
  try {
    for await (const chunk of captures) {
      if (stop.signal.aborted) return;
      if (!process.stdout.write(chunk)) await drained(stop.signal);
    }
  } catch (error) {
    // Cut off by us, or by the cloud: the caller can tell.
    if (!stop.signal.aborted && !(error instanceof Error && 'code' in error)) throw error;
  }
}

function drained(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      process.stdout.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    process.stdout.once('drain', done);
    signal.addEventListener('abort', done, { once: true });
  });
}
