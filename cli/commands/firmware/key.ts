import type { Command } from 'commander';
import { ensureFirmwareKey, publicKeyIn, signingKeyIn } from '../../../certs/firmware-key.ts';
import { listSerials } from '../../../certs/place-identity.ts';
import { trustHomeKey } from '../../firmware-trust.ts';
import { airherdHome } from '../../home.ts';

/** `airherd firmware key`: the key that signs firmware, and the trust of this home's devices in it. */
export function firmwareKey(group: Command): void {
  group
    .command('key')
    .description('make the key that signs firmware, once, and let the devices of this home trust it')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const home = airherdHome();
      const { made } = await ensureFirmwareKey(home.firmware);
      const devices = await trustHomeKey(home, listSerials(home.devices));
      const paths = { signing: signingKeyIn(home.firmware), public: publicKeyIn(home.firmware) };
      if (options.json) {
        console.log(JSON.stringify({ made, ...paths, devices }, null, 2));
        return;
      }
      console.log(`${made ? 'made' : 'there is'} the signing key ${paths.signing}`);
      console.log(`public key for devices and clouds elsewhere: ${paths.public}`);
      console.log(`${devices} devices trust it from now on; those made later do by themselves`);
    });
}
