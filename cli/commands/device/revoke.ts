import type { Command } from 'commander';
import { audited } from '../../local-audit.ts';
import { withRegistry } from '../../local-registry.ts';

/** `airherd device revoke SERIAL`: refused at its next login, and a live session is cut. */
export function deviceRevoke(group: Command): void {
  group
    .command('revoke <serial>')
    .description('revoke a device: its live session is cut and it cannot log in again')
    .option('--json', 'print JSON')
    .action(async (serial: string, options: { json?: boolean }) => {
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
