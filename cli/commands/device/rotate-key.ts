import { join } from 'node:path';
import type { Command } from 'commander';
import { loadIdentity, saveIdentity } from '../../../certs/identity.ts';
import { registryEntryOf } from '../../../certs/registry-entry.ts';
import { rotatedIdentity } from '../../../certs/rotate.ts';
import { nodeRandom } from '../../../platform/node/random.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { FACTORY_KEY_LENGTH } from '../../../protocol/proof.ts';
import { airherdHome, type Home } from '../../home.ts';
import { audited } from '../../local-audit.ts';
import { withRegistry } from '../../local-registry.ts';
import { overConnection } from './over-connection.ts';

interface RotateOptions {
  overConnection?: boolean;
  json?: boolean;
}

/** `airherd device rotate-key SERIAL`: another factory key. */
export function deviceRotateKey(group: Command): void {
  group
    .command('rotate-key <serial>')
    .description(
      'give a device another factory key; by hand, the old one is void at once and its session is cut',
    )
    .option('--over-connection', 'let the connected device make it, under the old key: not after a leak')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
After a leak, rotate by hand: whoever has the old key could answer in the device's place. The new key is written
to $AIRHERD_HOME/devices/<serial>; start the agent again, on another machine with a copy of that folder.

  airherd device rotate-key AH931448000000`,
    )
    .action(rotate);
}

async function rotate(serial: string, options: RotateOptions): Promise<void> {
  const home = airherdHome();
  if (options.overConnection) {
    const done = await overConnection(serial, 'rotate-key');
    if (done === null) throw new AirherdError('device-offline', { serial });
  } else await rotateHere(home, serial);
  if (options.json) {
    console.log(JSON.stringify({ serial, overConnection: options.overConnection === true }, null, 2));
  } else if (options.overConnection) {
    console.log(`${serial} has another factory key; the old one is void when it has logged in again`);
  } else console.log(`${serial} has another factory key, the old one is void; start its agent again`);
}

async function rotateHere(home: Home, serial: string): Promise<void> {
  const folder = join(home.devices, serial);
  const rotated = rotatedIdentity(await loadIdentity(folder), nodeRandom.bytes(FACTORY_KEY_LENGTH));
  await withRegistry(async (registry) => {
    const device = registry.find(serial);
    if (device === null) throw new AirherdError('device-unknown', { serial });
    await audited(
      registry,
      { action: 'device rotate-key', orgId: device.orgId, detail: { serial } },
      async () => {
        // The registry first: the leaked key is to be void whatever happens. After a crash here the same command
        // mends it, and the outbox key of what this folder still holds is kept.
        registry.rotation.replace(serial, registryEntryOf(rotated).keys);
        registry.events.record(serial, 'factory-key-rotated', 'by hand');
        await saveIdentity(folder, rotated);
      },
    );
  });
}
