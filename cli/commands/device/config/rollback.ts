import type { Command } from 'commander';
import { type ApiFlags, openCloudApi, withApiFlags } from '../../../cloud-api.ts';
import { upTo } from '../../../whole-number.ts';
import { conclude, type WaitFlags } from './settled.ts';
import { pathOf, type Shown } from './shown.ts';

interface Options extends ApiFlags, WaitFlags {
  to?: number;
}

export function configRollback(group: Command): void {
  withApiFlags(
    group
      .command('rollback <serial>')
      .description('go back to the settings before those that the device runs, as a new version')
      .option('--to <version>', 'to those of this version', upTo(Number.MAX_SAFE_INTEGER))
      .option('--no-wait', 'do not wait for what the device says')
      .option('--json', 'print JSON'),
  ).action(async (serial: string, { to, wait, json, ...flags }: Options) => {
    const api = await openCloudApi(flags);
    const body = to === undefined ? {} : { version: to };
    const pushed = await api.json<Shown>(`${pathOf(serial)}/rollback`, { method: 'POST', body });
    await conclude(api, pushed, { wait, json });
  });
}
