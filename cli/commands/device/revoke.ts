import type { Command } from 'commander';
import { audited } from '../../local-audit.ts';
import { withRegistry } from '../../local-registry.ts';
import {
  inWaves,
  reportMany,
  type SelectionFlags,
  selected,
  type WaveFlags,
  withSelectionFlags,
  withWaveFlags,
} from './selection.ts';

interface RevokeOptions extends SelectionFlags, WaveFlags {
  json?: boolean;
}

/** `airherd device revoke SERIAL`, or many in waves: refused at the next login, and live sessions are cut. */
export function deviceRevoke(group: Command): void {
  withWaveFlags(
    withSelectionFlags(
      group
        .command('revoke [serial]')
        .description('revoke devices: their live sessions are cut and they cannot log in again'),
      'every device of the registry',
    ),
  )
    .option('--json', 'print JSON')
    .action(async (serial: string | undefined, options: RevokeOptions) => {
      if (serial === undefined) return revokeMany(options);
      const device = await withRegistry((registry) => {
        const change = {
          action: 'device revoke',
          orgId: registry.find(serial)?.orgId ?? null,
          detail: { serial },
        };
        return audited(registry, change, () => registry.revoke(serial));
      });
      if (options.json) console.log(JSON.stringify(device, null, 2));
      else console.log(`${serial} is revoked`);
    });
}

async function revokeMany(options: RevokeOptions): Promise<void> {
  const done = await withRegistry(async (registry) => {
    const serials = await selected(undefined, options, registry, ({ revokedMs }) => revokedMs === null);
    return inWaves(serials, options, 'revocations', (serial) => {
      const orgId = registry.find(serial)?.orgId ?? null;
      return audited(registry, { action: 'device revoke', orgId, detail: { serial } }, () =>
        registry.revoke(serial),
      ).then((device) => device.serial);
    });
  });
  reportMany(done, 'revoked', options.json);
}
