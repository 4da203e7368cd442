import { randomInt } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AirherdError } from '../protocol/errors.ts';
import type { Authority } from './authority.ts';
import { type BatchOrder, beginBatch, type OpenBatch, reopenBatch } from './batch-journal.ts';
import { factorySetup, runFactory } from './factory.ts';
import { type Identity, loadIdentity } from './identity.ts';
import { MAX_BATCH } from './make-identity.ts';
import { planBatch } from './manufacture.ts';
import { clearUnfinished, listSerials } from './place-identity.ts';
import { type RegistrySink, registryEntryOf } from './registry-entry.ts';

export interface BatchRun {
  order: BatchOrder;
  authority: Authority;
  /** Each identity gets a folder of its own below. */
  devicesDir: string;
  registry: RegistrySink;
  /** Wall time, milliseconds since the epoch. */
  nowMs: number;
  /** Threads to use at most. */
  cores: number;
  /** Stops after what is under way; the batch can then be resumed. */
  signal?: AbortSignal;
}

/** What one needs to know of a new device to install and claim it. */
export type BatchDevice = Pick<Identity, 'serial' | 'mac' | 'claimCode'>;

export interface BatchResult {
  batch: number;
  /** All of the batch, in order of their serials. */
  devices: BatchDevice[];
  /** How many an earlier, interrupted run had made. */
  resumed: number;
}

/**
 * Makes a batch of identities on disk and enters them in the registry. An interrupted batch with the same order
 * is completed instead of a new one begun: what is there stays, what is missing is made, what the registry may
 * not have is entered again. Throws batch-interrupted when the signal stopped it.
 */
export async function runBatch(
  run: BatchRun,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<BatchResult> {
  const { order, devicesDir, authority } = run;
  await mkdir(devicesDir, { recursive: true, mode: 0o700 });
  const batch =
    (await reopenBatch(devicesDir, order)) ??
    (await beginBatch(devicesDir, unusedBatch(devicesDir), order, run.nowMs));
  try {
    const plans = planBatch({ ...order, nowMs: batch.nowMs, batch: batch.batch });
    const serials = plans.map(({ serial }) => serial);
    clearUnfinished(devicesDir, new Set(serials));
    const placed = new Set(listSerials(devicesDir));
    const devices = await takeUp(
      run,
      batch,
      serials.filter((serial) => placed.has(serial)),
    );
    const resumed = devices.length;
    onProgress(resumed, plans.length);
    await runFactory(
      factorySetup(authority, devicesDir),
      { plans: plans.filter(({ serial }) => !placed.has(serial)), cores: run.cores, signal: run.signal },
      async (identities) => {
        await enter(run.registry, batch, identities);
        devices.push(...identities.map(deviceOf));
        onProgress(devices.length, plans.length);
      },
    );
    if (devices.length < plans.length) {
      throw new AirherdError('batch-interrupted', { made: devices.length, count: plans.length });
    }
    await batch.finish();
    return { batch: batch.batch, devices: devices.sort((a, b) => (a.serial < b.serial ? -1 : 1)), resumed };
  } catch (error) {
    await batch.release();
    throw error;
  }
}

const deviceOf = ({ serial, mac, claimCode }: Identity): BatchDevice => ({ serial, mac, claimCode });

async function enter(registry: RegistrySink, batch: OpenBatch, identities: Identity[]): Promise<void> {
  await registry.add(identities.map(registryEntryOf));
  await batch.markRegistered(identities.map(({ serial }) => serial));
}

const ENTRIES_AT_ONCE = 64;

/** What an earlier run has made; what the registry may not have is entered again. */
async function takeUp(run: BatchRun, batch: OpenBatch, serials: string[]): Promise<BatchDevice[]> {
  const devices: BatchDevice[] = [];
  for (let at = 0; at < serials.length; at += ENTRIES_AT_ONCE) {
    const part = serials.slice(at, at + ENTRIES_AT_ONCE);
    const identities = await Promise.all(part.map((serial) => loadIdentity(join(run.devicesDir, serial))));
    const unsure = identities.filter(({ serial }) => !batch.registered.has(serial));
    if (unsure.length > 0) await enter(run.registry, batch, unsure);
    devices.push(...identities.map(deviceOf));
  }
  return devices;
}

/** No device of this machine has it yet. */
function unusedBatch(devicesDir: string): number {
  const used = new Set(listSerials(devicesDir).map((serial) => Number(serial.slice(2, 8))));
  for (;;) {
    const batch = randomInt(MAX_BATCH + 1);
    if (!used.has(batch)) return batch;
  }
}
