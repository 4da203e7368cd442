import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { takeLock } from './lock-file.ts';
import { isMissing, writePrivate } from './private-file.ts';

/** What was ordered. An interrupted batch is found again by it. */
export const BatchOrder = z.strictObject({
  kind: z.enum(['ap', 'switch']),
  count: z.int().min(1).max(1_000_000),
  keyType: z.enum(['p256', 'rsa2048']),
  model: z.string(),
  days: z.int().min(1),
});
export type BatchOrder = z.infer<typeof BatchOrder>;

const Journal = z.strictObject({
  version: z.literal(1),
  batch: z.int().min(0).max(999_999),
  /** When it was ordered: every certificate of the batch has the same period. */
  nowMs: z.number(),
  order: BatchOrder,
});

/** A batch under way; this process alone works on it until `release` or `finish`. */
export interface OpenBatch {
  batch: number;
  nowMs: number;
  order: BatchOrder;
  resumed: boolean;
  /** Serials that the registry has. */
  registered: ReadonlySet<string>;
  markRegistered(serials: readonly string[]): Promise<void>;
  finish(): Promise<void>;
  release(): Promise<void>;
}

const folderOf = (devicesDir: string): string => join(devicesDir, '.batches');

/** The interrupted batch with this order that nobody works on, else null. */
export async function reopenBatch(devicesDir: string, order: BatchOrder): Promise<OpenBatch | null> {
  const folder = folderOf(devicesDir);
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((candidate) => candidate.endsWith('.json')).sort()) {
    const journal = await readJournal(join(folder, name));
    if (journal === null || JSON.stringify(journal.order) !== JSON.stringify(order)) continue;
    const opened = await open(folder, journal, true);
    if (opened !== null) return opened;
  }
  return null;
}

/** Writes down what is going to be made, before any of it is. */
export async function beginBatch(
  devicesDir: string,
  batch: number,
  order: BatchOrder,
  nowMs: number,
): Promise<OpenBatch> {
  const folder = folderOf(devicesDir);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const journal = { version: 1 as const, batch, nowMs, order };
  const opened = await open(folder, journal, false);
  if (opened === null) throw new Error(`batch ${batch} is being made by another process`);
  await writePrivate(journalFile(folder, batch), `${JSON.stringify(journal, null, 2)}\n`);
  return opened;
}

const stem = (folder: string, batch: number): string => join(folder, String(batch).padStart(6, '0'));
const journalFile = (folder: string, batch: number): string => `${stem(folder, batch)}.json`;

async function open(
  folder: string,
  journal: z.infer<typeof Journal>,
  resumed: boolean,
): Promise<OpenBatch | null> {
  const { batch, nowMs, order } = journal;
  const lock = await takeLock(`${stem(folder, batch)}.lock`);
  if (lock === null) return null;
  const registeredFile = `${stem(folder, batch)}.registered`;
  return {
    batch,
    nowMs,
    order,
    resumed,
    registered: await readLines(registeredFile),
    markRegistered: (serials) =>
      appendFile(registeredFile, serials.map((serial) => `${serial}\n`).join(''), { mode: 0o600 }),
    finish: async () => {
      // the journal first: without it nobody takes the batch up again
      await rm(journalFile(folder, batch));
      await rm(registeredFile, { force: true });
      await lock.release();
    },
    release: () => lock.release(),
  };
}

async function readJournal(path: string): Promise<z.infer<typeof Journal> | null> {
  try {
    const parsed = Journal.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Whole lines only: a last one that was cut off counts as not written. */
async function readLines(path: string): Promise<Set<string>> {
  try {
    return new Set((await readFile(path, 'utf8')).split('\n').slice(0, -1));
  } catch (error) {
    if (isMissing(error)) return new Set();
    throw error;
  }
}
