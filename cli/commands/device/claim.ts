import { type Command, InvalidArgumentError, Option } from 'commander';
import { isCountry, REGIONS, type RegionName, regionRequired } from '../../../cloud-stub/regions/regions.ts';
import { isSerial } from '../../../protocol/topics.ts';
import { regionOf } from '../../home.ts';
import { audited } from '../../local-audit.ts';
import { withRegistry } from '../../local-registry.ts';
import { inWaves, reportMany, type SelectionFlags, selected, withSelectionFlags } from './selection.ts';

interface ClaimOptions extends SelectionFlags {
  org: string;
  site: string;
  country?: string;
  region?: RegionName;
  json?: boolean;
}

function countryCode(text: string): string {
  const code = text.toUpperCase();
  if (isCountry(code)) return code;
  throw new InvalidArgumentError('two letters, as DE (ISO 3166-1).');
}

/** `airherd device claim CODE|SERIAL`: into an organisation and a site, which are made when there are none. */
export function deviceClaim(group: Command): void {
  withSelectionFlags(
    group
      .command('claim [code-or-serial]')
      .description('claim devices into an organisation and a site, made when they are new'),
    'every device of the registry that nobody has claimed',
  )
    .requiredOption('--org <name>', 'organisation')
    .requiredOption('--site <name>', 'site')
    .option(
      '--country <code>',
      'of the organisation’s address: one in the EU is hosted in region eu',
      countryCode,
    )
    .addOption(
      new Option('--region <name>', 'where to host it; default: $AIRHERD_REGION, else global').choices(
        REGIONS,
      ),
    )
    .option('--json', 'print JSON')
    .action(async (given: string | undefined, options: ClaimOptions) => {
      const { org, site, country, region, json } = options;
      if (given === undefined) return claimMany(options);
      // claim codes are in groups with hyphens, serials have none
      const device = isSerial(given) ? { serial: given } : { claimCode: given };
      const where = region ?? regionRequired(country ?? null) ?? regionOf();
      const claimed = await withRegistry((registry, regions) => {
        const { organisations } = registry;
        const { id: orgId } = organisations.ensure(org, country);
        const { id: siteId } = organisations.ensureSite(orgId, site);
        const detail = 'serial' in device ? { ...device, siteId } : { siteId };
        return audited(registry, { action: 'device claim', orgId, detail }, () =>
          regions.claim({ ...device, orgId, siteId }),
        );
      }, where);
      if (json) console.log(JSON.stringify({ ...claimed, org, site, region: where }, null, 2));
      else {
        const hosted = where === 'global' ? '' : `, hosted in region ${where}`;
        console.log(`${claimed.serial} belongs to ${org}, site ${site}${hosted}`);
      }
    });
}

/** Of a file, a pack, or the whole registry; one entry in the audit log. */
async function claimMany(options: ClaimOptions): Promise<void> {
  const { org, site, country, json } = options;
  const where = options.region ?? regionRequired(country ?? null) ?? regionOf();
  const done = await withRegistry(async (registry, regions) => {
    const devices = await selected(undefined, options, registry, ({ orgId }) => orgId === null);
    const { id: orgId } = registry.organisations.ensure(org, country);
    const { id: siteId } = registry.organisations.ensureSite(orgId, site);
    const change = { action: 'device claim', orgId, detail: { devices: devices.length, siteId } };
    return audited(registry, change, () =>
      inWaves(devices, {}, 'claims', (device) => {
        const which = isSerial(device) ? { serial: device } : { claimCode: device };
        return regions.claim({ ...which, orgId, siteId }).serial;
      }),
    );
  }, where);
  reportMany(done, `claimed by ${org}, site ${site}`, json);
}
