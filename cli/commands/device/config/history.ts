import type { Command } from 'commander';
import { type ApiFlags, openCloudApi, withApiFlags } from '../../../cloud-api.ts';
import { table } from '../../../table.ts';
import { pathOf, type ShownVersion, settingsText } from './shown.ts';

const COLUMNS = [
  { title: 'VERSION', align: 'right' },
  { title: 'SET (UTC)' },
  { title: 'STATE' },
  { title: 'SETTINGS', minWidth: 20 },
  { title: 'WHY', minWidth: 20 },
] as const;

export function configHistory(group: Command): void {
  withApiFlags(
    group
      .command('history <serial>')
      .description('every configuration of a device and what became of it, newest first')
      .option('--json', 'print JSON'),
  ).action(async (serial: string, { json, ...flags }: ApiFlags & { json?: boolean }) => {
    const api = await openCloudApi(flags);
    const versions = await api.json<ShownVersion[]>(`${pathOf(serial)}/history`);
    if (json) {
      console.log(JSON.stringify(versions, null, 2));
      return;
    }
    const rows = versions.map(({ version, createdMs, state, settings, problems }) => [
      String(version),
      new Date(createdMs ?? 0).toISOString().replace('T', ' ').slice(0, 19),
      state,
      settingsText(settings).join(' '),
      problems.join('; '),
    ]);
    console.log(table(COLUMNS, rows, process.stdout.columns ?? Number.POSITIVE_INFINITY).join('\n'));
  });
}
