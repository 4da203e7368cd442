import type { ProofKeys } from '../../protocol/rotation.ts';
import { type Db, number } from '../store/database.ts';

/** Wrapped keys: each opens only for its device and purpose. */
export interface KeyWrapping {
  wrap(serial: string, keys: ProofKeys): { deviceKey: Buffer; cloudKey: Buffer };
  unwrap(serial: string, deviceKey: unknown, cloudKey: unknown): ProofKeys;
}

/** How a device comes by another factory key. The cloud never sees that key, only the two derived from it. */
export interface KeyRotation {
  /** Rotations of this device so far. A session of an earlier one is to be cut. */
  generation(serial: string): number;
  /** Keys of a rotation over the connection, good beside the old ones until they have logged in once. */
  offered(serial: string): ProofKeys | null;
  offer(serial: string, keys: ProofKeys): void;
  withdraw(serial: string): void;
  /** The offered keys have logged in: those before them are void. */
  settle(serial: string): void;
  /** At once, after a leak: the old keys are void, and what was offered under them. */
  replace(serial: string, keys: ProofKeys): void;
}

export function keyRotation(
  db: Db,
  { wrap, unwrap }: KeyWrapping,
  changed: <T>(work: () => T) => T,
): KeyRotation {
  const select = db.prepare('SELECT generation, device_key, cloud_key FROM key_rotations WHERE serial = ?');
  const saveOffer = db.prepare(
    `INSERT INTO key_rotations (serial, generation, device_key, cloud_key) VALUES (?, 0, ?, ?)
     ON CONFLICT (serial) DO UPDATE SET device_key = excluded.device_key, cloud_key = excluded.cloud_key`,
  );
  const dropOffer = db.prepare(
    'UPDATE key_rotations SET device_key = NULL, cloud_key = NULL WHERE serial = ?',
  );
  const count = db.prepare(
    `INSERT INTO key_rotations (serial, generation) VALUES (?, 1)
     ON CONFLICT (serial) DO UPDATE SET generation = generation + 1, device_key = NULL, cloud_key = NULL`,
  );
  const setKeys = db.prepare('UPDATE devices SET device_key = ?, cloud_key = ? WHERE serial = ?');

  const offered = (serial: string): ProofKeys | null => {
    const row = select.get(serial);
    return row && row.device_key !== null ? unwrap(serial, row.device_key, row.cloud_key) : null;
  };
  const use = (serial: string, keys: ProofKeys) => {
    const { deviceKey, cloudKey } = wrap(serial, keys);
    setKeys.run(deviceKey, cloudKey, serial);
    count.run(serial);
  };

  return {
    generation: (serial) => number(select.get(serial)?.generation ?? 0),
    offered,
    offer(serial, keys) {
      const { deviceKey, cloudKey } = wrap(serial, keys);
      changed(() => saveOffer.run(serial, deviceKey, cloudKey));
    },
    withdraw: (serial) => changed(() => void dropOffer.run(serial)),
    settle(serial) {
      const keys = offered(serial);
      if (keys) changed(() => use(serial, keys));
    },
    replace: (serial, keys) => changed(() => use(serial, keys)),
  };
}
