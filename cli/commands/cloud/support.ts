import { Argument, type Command } from 'commander';
import { type ApiFlags, openCloudApi, withApiFlags } from '../../cloud-api.ts';
import { parseDuration } from '../../duration.ts';

interface Options extends ApiFlags {
  org?: string;
  for?: number;
}

interface Support {
  allow: boolean;
  until: number | null;
  open: boolean;
}

/** `airherd cloud support [on|off]`: the customer's switch. */
export function support(group: Command): void {
  withApiFlags(
    group
      .command('support')
      .description("whether the vendor's staff may look into an organisation")
      .addArgument(new Argument('[switch]', 'leave out to show it').choices(['on', 'off']))
      .option('--org <name>', 'organisation; the only one, when there is one')
      .option('--for <duration>', 'on for so long only, such as 2h', parseDuration),
  ).action(async (wanted: string | undefined, { org, for: forMs, ...flags }: Options) => {
    const api = await openCloudApi(flags);
    const path = `/api/airherd/v1/orgs/${await api.organisation(org)}/support`;
    const until = forMs === undefined ? null : (Date.now() + forMs) / 1000;
    const body = { allow: wanted === 'on', until: wanted === 'on' ? until : null };
    const now = await api.json<Support>(path, wanted === undefined ? {} : { method: 'PUT', body });
    const end = now.until === null ? '' : ` until ${new Date(now.until * 1000).toISOString()}`;
    console.log(now.open ? `open to support staff${end}` : 'closed to support staff');
  });
}
