import type { Random } from '../../platform/ports/random.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { openRotatedKeys, ROTATION_NONCE_LENGTH } from '../../protocol/rotation.ts';
import type { Registry } from '../registry/registry.ts';
import type { Commands } from './commands.ts';
import type { Sessions } from './sessions.ts';

export interface FactoryKeyRotationOptions {
  registry: Registry;
  commands: Commands;
  sessions: Sessions;
  random: Random;
}

/**
 * Another factory key over the connection, under the old proof: ask, hold beside the old, install, log in anew.
 * A device that is cut off half-way logs in with whichever of the two it has. After a leak this is no help: who
 * holds the old key could answer in the device's place (`Registry.rotation.replace` is for that).
 */
export class FactoryKeyRotation {
  readonly #options: FactoryKeyRotationOptions;

  constructor(options: FactoryKeyRotationOptions) {
    this.#options = options;
  }

  async rotate(serial: string): Promise<void> {
    const { registry, commands, sessions, random } = this.#options;
    const session = sessions.of(serial);
    if (!session) throw new AirherdError('device-offline', { serial });
    const refused = (detail: string) => new AirherdError('rotation-refused', { serial, detail });
    const nonce = random.bytes(ROTATION_NONCE_LENGTH);
    const answer = await commands.send(serial, 'rotate-factory-key', { nonce });
    const sealed = answer.result?.keys;
    if (!answer.ok || !(sealed instanceof Uint8Array)) {
      throw refused(`its reply was ${answer.code ?? 'no keys'}`);
    }
    const keys = openRotatedKeys(session.login.keys.deviceProof, serial, nonce, sealed);
    if (!keys) throw refused('its keys are not sealed under the old one');
    // The cloud first: the device must not have a key that the cloud does not know.
    registry.rotation.offer(serial, keys);
    const installed = await commands.send(serial, 'install-factory-key');
    if (!installed.ok) {
      registry.rotation.withdraw(serial);
      throw refused(`it did not take the new key into use: ${installed.code ?? 'no reason'}`);
    }
    registry.events.record(serial, 'factory-key-rotated', 'over the connection');
    // Its next login is with the new key, and voids the old one.
    const live = sessions.of(serial);
    if (live) sessions.cut(live, new AirherdError('key-rotated', { serial }));
  }
}
