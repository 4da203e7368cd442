import { type Command, InvalidArgumentError } from 'commander';
import { parseFilter } from '../../../packets/trigger/filter.ts';
import { type ApiFlags, openCloudApi, withApiFlags } from '../../cloud-api.ts';
import { parseDuration } from '../../duration.ts';
import { macAddress } from '../../mac-option.ts';
import { upTo } from '../../whole-number.ts';

interface Options extends ApiFlags {
  client?: string;
  serial?: string;
  interface?: string;
  packets?: number;
  bytes?: number;
  for?: number;
  filter?: string;
  consent?: string;
  org?: string;
  json?: boolean;
}

function filter(text: string): string {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new InvalidArgumentError(`The filter ${parsed.reason}.`);
  return text;
}

export function pcapStart(group: Command): void {
  withApiFlags(
    group
      .command('start')
      .description('have a device capture; headers only, unless a consent is named')
      .option('--client <mac>', 'frames of this client', macAddress)
      .option('--serial <serial>', 'device; default: the one that saw the client last')
      .option('--interface <name>', 'frames of this interface or port')
      .option('--packets <number>', 'stop after so many frames', upTo(1_000_000))
      .option('--bytes <number>', 'stop after so many bytes are kept', upTo(256 * 1024 * 1024))
      .option('--for <duration>', 'stop after 15s, 5m, 1h', parseDuration)
      .option(
        '--filter <expression>',
        "like tcpdump's: arp or dhcp or (tcp port 443 and not host 10.0.0.1)",
        filter,
      )
      .option('--consent <id>', 'keep payload, under this recorded consent of the customer')
      .option('--org <name>', 'name or id of the organisation, where there are several')
      .option('--json', 'print JSON'),
  ).action(run);
}

async function run(options: Options): Promise<void> {
  const { client, serial, packets, bytes, filter: expression, consent: consentId, for: durationMs } = options;
  const api = await openCloudApi(options);
  const orgId = await api.organisation(options.org);
  const started = await api.json<{ serial: string; captureId: string }>(
    `/api/airherd/v1/orgs/${orgId}/captures`,
    {
      method: 'POST',
      body: {
        client,
        serial,
        interface: options.interface,
        packets,
        bytes,
        durationMs,
        filter: expression,
        consentId,
      },
    },
  );
  if (options.json) console.log(JSON.stringify(started));
  else console.log(`${started.captureId}  on ${started.serial}`);
}
