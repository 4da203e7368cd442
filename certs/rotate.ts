import { deriveKey } from '../protocol/proof.ts';
import type { Identity } from './identity-text.ts';

/**
 * The identity with another factory key (32 bytes). The outbox key of the one before stays, so that what it sealed
 * can still be delivered.
 */
export function rotatedIdentity(identity: Identity, factoryKey: Buffer): Identity {
  const { serial, keyGeneration, olderOutboxKeys } = identity;
  const before = { generation: keyGeneration, key: deriveKey(identity.factoryKey, 'outbox', serial) };
  return {
    ...identity,
    factoryKey,
    keyGeneration: keyGeneration + 1,
    olderOutboxKeys: [before, ...olderOutboxKeys],
  };
}
