import type { Command } from 'commander';
import { deviceClaim } from './device/claim.ts';
import { deviceConfig } from './device/config.ts';
import { deviceCreate } from './device/create.ts';
import { deviceList } from './device/list.ts';
import { deviceLocate } from './device/locate.ts';
import { deviceRenew } from './device/renew.ts';
import { deviceRestart } from './device/restart.ts';
import { deviceRevoke } from './device/revoke.ts';
import { deviceRotateKey } from './device/rotate-key.ts';
import { deviceShow } from './device/show.ts';
import { deviceSupportBundle } from './device/support-bundle.ts';

/** Every `airherd device` command, one file each in device/. */
const subcommands: readonly ((group: Command) => void)[] = [
  deviceCreate,
  deviceList,
  deviceShow,
  deviceClaim,
  deviceRevoke,
  deviceRenew,
  deviceRotateKey,
  deviceRestart,
  deviceLocate,
  deviceSupportBundle,
  deviceConfig,
];

export function device(program: Command): void {
  const group = program
    .command('device')
    .description('make identities; claim, renew, rotate and revoke them');
  for (const register of subcommands) register(group);
}
