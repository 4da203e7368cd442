import { randomInt } from 'node:crypto';
import { type Authority, BACKDATE_MS } from './authority.ts';
import { factorySetup, runFactory } from './factory.ts';
import type { DeviceKind, Identity } from './identity-text.ts';
import { DEFAULT_MODEL, type IdentityPlan, MAX_BATCH, macInBatch, serialInBatch } from './make-identity.ts';
import type { KeyType } from './new-key.ts';

export const DEFAULT_DAYS = 3650;

export interface ManufactureOptions {
  kind: DeviceKind;
  count: number;
  authority: Authority;
  keyType?: KeyType;
  model?: string;
  days?: number;
  /** Wall time, milliseconds since the epoch. */
  nowMs: number;
  /** The six digits that follow AH in every serial; random unless given. */
  batch?: number;
  /** Threads to use at most; 1 unless given. */
  cores?: number;
}

/** The plans of a whole batch: serials and MACs follow from batch and index, so that a batch can be resumed. */
export function planBatch(options: Omit<ManufactureOptions, 'authority'>): IdentityPlan[] {
  const { kind, count, keyType = 'p256', model = DEFAULT_MODEL[kind], days = DEFAULT_DAYS, nowMs } = options;
  const batch = options.batch ?? randomInt(MAX_BATCH + 1);
  return Array.from({ length: count }, (_, index) => ({
    kind,
    model,
    serial: serialInBatch(batch, index),
    mac: macInBatch(batch, index),
    keyType,
    notBeforeMs: nowMs - BACKDATE_MS,
    notAfterMs: nowMs + days * 86_400_000,
  }));
}

/** Identities in memory, in the order of their serials. `onProgress` gets the number made so far. */
export async function manufacture(
  options: ManufactureOptions,
  onProgress: (made: number) => void = () => {},
): Promise<Identity[]> {
  const identities: Identity[] = [];
  const run = { plans: planBatch(options), cores: options.cores ?? 1 };
  await runFactory(factorySetup(options.authority, null), run, (made) => {
    identities.push(...made);
    onProgress(identities.length);
  });
  return identities.sort((a, b) => (a.serial < b.serial ? -1 : 1));
}
