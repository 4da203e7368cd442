import { join } from 'node:path';
import type { Command } from 'commander';
import { loadIdentity } from '../../../certs/identity.ts';
import { airherdHome } from '../../home.ts';

/** `airherd device show SERIAL`: an identity of this machine, without its keys. */
export function deviceShow(group: Command): void {
  group
    .command('show <serial>')
    .description('print an identity of this machine: claim code, certificate and period, never its keys')
    .option('--json', 'print JSON')
    .action(async (serial: string, options: { json?: boolean }) => {
      const path = join(airherdHome().devices, serial);
      const identity = await loadIdentity(path);
      const shown = {
        serial,
        kind: identity.kind,
        model: identity.model,
        mac: identity.mac,
        claimCode: identity.claimCode,
        certificateSha256: identity.certificateSha256.toString('hex'),
        notBefore: new Date(identity.notBeforeMs).toISOString(),
        notAfter: new Date(identity.notAfterMs).toISOString(),
        path,
      };
      if (options.json) console.log(JSON.stringify(shown, null, 2));
      else for (const [name, value] of Object.entries(shown)) console.log(`${name.padEnd(18)} ${value}`);
    });
}
