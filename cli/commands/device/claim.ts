import type { Command } from 'commander';
import { isSerial } from '../../../protocol/topics.ts';
import { withRegistry } from '../../local-registry.ts';

interface ClaimOptions {
  org: string;
  site: string;
  json?: boolean;
}

/** `airherd device claim CODE|SERIAL`: into an organisation and a site, which are made when there are none. */
export function deviceClaim(group: Command): void {
  group
    .command('claim <code-or-serial>')
    .description('claim a device into an organisation and a site, made when they are new')
    .requiredOption('--org <name>', 'organisation')
    .requiredOption('--site <name>', 'site')
    .option('--json', 'print JSON')
    .action(async (given: string, { org, site, json }: ClaimOptions) => {
      // claim codes are in groups with hyphens, serials have none
      const device = isSerial(given) ? { serial: given } : { claimCode: given };
      const claimed = await withRegistry(({ organisations, claim }) => {
        const { id: orgId } = organisations.ensure(org);
        const { id: siteId } = organisations.ensureSite(orgId, site);
        return claim({ ...device, orgId, siteId });
      });
      if (json) console.log(JSON.stringify({ ...claimed, org, site }, null, 2));
      else console.log(`${claimed.serial} belongs to ${org}, site ${site}`);
    });
}
