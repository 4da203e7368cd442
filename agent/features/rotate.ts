import type { Identity } from '../../certs/identity.ts';
import { rotatedIdentity } from '../../certs/rotate.ts';
import type { Random } from '../../platform/ports/random.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { deriveKey, FACTORY_KEY_LENGTH } from '../../protocol/proof.ts';
import { ROTATION_IV_LENGTH, ROTATION_NONCE_LENGTH, sealRotatedKeys } from '../../protocol/rotation.ts';
import type { CommandHandlers } from './command.ts';

export interface RotateOptions {
  identity(): Identity;
  random: Random;
  /** Takes the new identity into use from the next login on, and saves it first where there is a disk. */
  install(identity: Identity): Promise<void>;
}

/**
 * Factory-key rotation over the connection: `rotate-factory-key` makes a key and gives what the cloud derives no
 * longer from the old one; `install-factory-key` says that the cloud has it. The key waits in memory; a restart in
 * between only means that the old one stays.
 */
export function createRotation({ identity, install, random }: RotateOptions): CommandHandlers {
  let waiting: Buffer | null = null;
  return {
    'rotate-factory-key': async ({ nonce }) => {
      if (!(nonce instanceof Uint8Array) || nonce.length !== ROTATION_NONCE_LENGTH) {
        const detail = `it has no nonce of ${ROTATION_NONCE_LENGTH} bytes`;
        throw new AirherdError('command-refused', { name: 'rotate-factory-key', detail });
      }
      const { factoryKey, serial } = identity();
      waiting = random.bytes(FACTORY_KEY_LENGTH);
      const keys = {
        deviceProof: deriveKey(waiting, 'device-proof', serial),
        cloudProof: deriveKey(waiting, 'cloud-proof', serial),
      };
      const oldKey = deriveKey(factoryKey, 'device-proof', serial);
      return { keys: sealRotatedKeys(oldKey, serial, nonce, keys, random.bytes(ROTATION_IV_LENGTH)) };
    },
    'install-factory-key': async () => {
      if (waiting === null) {
        const detail = 'no rotation is under way';
        throw new AirherdError('command-refused', { name: 'install-factory-key', detail });
      }
      await install(rotatedIdentity(identity(), waiting));
      waiting = null;
      return {};
    },
  };
}
