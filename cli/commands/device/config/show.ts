import type { Command } from 'commander';
import { type ApiFlags, openCloudApi, withApiFlags } from '../../../cloud-api.ts';
import { pathOf, type Shown, settingsText } from './shown.ts';

export function configShow(group: Command): void {
  withApiFlags(
    group
      .command('show <serial>')
      .description('the newest configuration of a device, what became of it, and which it runs')
      .option('--json', 'print JSON'),
  ).action(async (serial: string, { json, ...flags }: ApiFlags & { json?: boolean }) => {
    const api = await openCloudApi(flags);
    const shown = await api.json<Shown>(pathOf(serial));
    if (json) console.log(JSON.stringify(shown, null, 2));
    else for (const line of linesOf(shown)) console.log(line);
  });
}

function linesOf({ serial, version, state, problems, running, settings }: Shown): string[] {
  if (version === 0) return [`${serial} runs its local settings alone; nothing was ever configured`];
  return [
    `${serial}: configuration ${version} is ${state}`,
    ...problems.map((problem) => `  ${problem}`),
    running === 0 ? 'it runs its local settings alone' : `it runs configuration ${running}`,
    ...settingsText(settings).map((line) => `  ${line}`),
  ];
}
