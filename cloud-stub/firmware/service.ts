import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Random } from '../../platform/ports/random.ts';
import { type Db, openDatabase } from '../store/database.ts';
import { subkey } from '../store/seal.ts';
import { type Images, images } from './images.ts';
import { type Rollouts, rollouts } from './rollouts.ts';
import { FIRMWARE_MIGRATIONS } from './schema.ts';

/** In the cloud's folder. */
export const FIRMWARE_FILE = 'firmware.db';

export interface FirmwareStore {
  readonly images: Images;
  readonly rollouts: Rollouts;
  close(): void;
}

export interface FirmwareStoreOptions {
  dir: string;
  /** Of all keys of the cloud. */
  root: Buffer;
  clock: Clock;
  random: Random;
  keys(): readonly KeyObject[];
}

export const openFirmwareDatabase = (dir: string, root: Buffer): Db =>
  openDatabase(join(dir, FIRMWARE_FILE), subkey(root, 'firmware'), FIRMWARE_MIGRATIONS);

export function openFirmwareStore({ dir, root, clock, random, keys }: FirmwareStoreOptions): FirmwareStore {
  const db = openFirmwareDatabase(dir, root);
  return {
    images: images({ db, clock, keys }),
    rollouts: rollouts({ db, clock, random }),
    close: () => db.close(),
  };
}
