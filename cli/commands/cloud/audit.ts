import type { Command } from 'commander';
import type { AuditEntry, Verification } from '../../../cloud-stub/audit/entry.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { type ApiFlags, type CloudApi, openCloudApi, withApiFlags } from '../../cloud-api.ts';
import { table } from '../../table.ts';

interface Options extends ApiFlags {
  org?: string;
  json?: boolean;
}

/** The organisation's log, or the cloud's own when none is named. */
const logPath = async (api: CloudApi, org: string | undefined): Promise<string> =>
  org === undefined ? '/api/airherd/v1/audit' : `/api/airherd/v1/orgs/${await api.organisation(org)}/audit`;

const withOrg = (command: Command): Command =>
  withApiFlags(command)
    .option('--org <name>', "organisation; without it, the cloud's own log")
    .option('--json', 'print JSON');

/** `airherd cloud audit`. */
export function audit(group: Command): void {
  const log = group.command('audit').description('who did what, and whether the log was tampered with');
  withOrg(log.command('list').description('the newest entries')).action(
    async ({ org, json, ...flags }: Options) => {
      const api = await openCloudApi(flags);
      const entries = await api.json<AuditEntry[]>(`${await logPath(api, org)}?limit=1000`);
      if (json) {
        console.log(JSON.stringify(entries, null, 2));
        return;
      }
      const rows = entries.map(({ atMs, actor, action, outcome, detail }) => [
        new Date(atMs).toISOString().replace('T', ' ').slice(0, 19),
        actor?.name ?? 'erased',
        actor?.address ?? '',
        action,
        outcome,
        detail ? JSON.stringify(detail) : 'erased',
      ]);
      const columns = [
        { title: 'AT (UTC)' },
        { title: 'WHO', minWidth: 8 },
        { title: 'FROM' },
        { title: 'WHAT', minWidth: 12 },
        { title: 'OUTCOME' },
        { title: 'DETAIL', minWidth: 12 },
      ];
      for (const line of table(columns, rows, process.stdout.columns || 160)) console.log(line);
    },
  );
  withOrg(
    log
      .command('verify')
      .description('whether every entry is the one that was written, and none is missing')
      .option('--head <head>', 'as an earlier verify printed it: the log must still hold it'),
  ).action(async ({ org, json, head, ...flags }: Options & { head?: string }) => {
    const api = await openCloudApi(flags);
    const query = head === undefined ? '' : `?head=${encodeURIComponent(head)}`;
    const verdict = await api.json<Verification>(`${await logPath(api, org)}/verify${query}`);
    if (json) console.log(JSON.stringify(verdict, null, 2));
    else if (verdict.ok) {
      console.log(`entries ${verdict.from} to ${verdict.to} are whole\nhead ${verdict.head}`);
    }
    if (!verdict.ok) {
      const organisation = org ?? 'the cloud';
      throw new AirherdError('audit-broken', {
        organisation,
        detail: `entry ${verdict.seq}: ${verdict.detail}`,
      });
    }
  });
}
