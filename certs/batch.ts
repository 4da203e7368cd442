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

export interface BatchResult {
  batch: number;
  /** All of the batch, in order. */
  serials: string[];
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
    const resumed = serials.filter((serial) => placed.has(serial));
    await enterAgain(
      run,
      batch,
      resumed.filter((serial) => !batch.registered.has(serial)),
    );
    let done = resumed.length;
    onProgress(done, plans.length);
    await runFactory(
      factorySetup(authority, devicesDir),
      { plans: plans.filter(({ serial }) => !placed.has(serial)), cores: run.cores, signal: run.signal },
      async (identities) => {
        await enter(run.registry, batch, identities);
        done += identities.length;
        onProgress(done, plans.length);
      },
    );
    if (done < plans.length) throw new AirherdError('batch-interrupted', { made: done, count: plans.length });
    await batch.finish();
    return { batch: batch.batch, serials, resumed: resumed.length };
  } catch (error) {
    await batch.release();
    throw error;
  }
}

async function enter(registry: RegistrySink, batch: OpenBatch, identities: Identity[]): Promise<void> {
  await registry.add(identities.map(registryEntryOf));
  await batch.markRegistered(identities.map(({ serial }) => serial));
}

const ENTRIES_AT_ONCE = 64;

async function enterAgain(
  { registry, devicesDir }: BatchRun,
  batch: OpenBatch,
  serials: string[],
): Promise<void> {
  for (let at = 0; at < serials.length; at += ENTRIES_AT_ONCE) {
    const part = serials.slice(at, at + ENTRIES_AT_ONCE);
    const identities = await Promise.all(part.map((serial) => loadIdentity(join(devicesDir, serial))));
    await enter(registry, batch, identities);
  }
}

/** No device of this machine has it yet. */
function unusedBatch(devicesDir: string): number {
  const used = new Set(listSerials(devicesDir).map((serial) => Number(serial.slice(2, 8))));
  for (;;) {
    const batch = randomInt(MAX_BATCH + 1);
    if (!used.has(batch)) return batch;
  }
}
