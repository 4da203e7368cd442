import type { Command } from 'commander';
import { configHistory } from './config/history.ts';
import { configRollback } from './config/rollback.ts';
import { configSet } from './config/set.ts';
import { configShow } from './config/show.ts';

/** `airherd device config`: settings of one device, pushed from the cloud, with a way back. */
export function deviceConfig(group: Command): void {
  const config = group
    .command('config')
    .description("a device's settings, pushed from the cloud, with a way back");
  for (const register of [configShow, configSet, configHistory, configRollback]) register(config);
}
