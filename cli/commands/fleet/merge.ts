import type { Command } from 'commander';
import { z } from 'zod';
import { mergedReport, parseFleetConfig, shardSnapshot } from '../../../fleet/index.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { readInput } from '../../read-input.ts';
import type { PartFile } from './part.ts';
import { type ReportFlags, reportedRun, withReportFlags } from './run.ts';

const partFile: z.ZodType<PartFile> = z.strictObject({
  version: z.literal(1),
  index: z.number().int().min(0),
  of: z.number().int().min(1),
  machine: z.string(),
  config: z.record(z.string(), z.unknown()),
  snapshot: shardSnapshot,
});

/** `airherd fleet merge FILE…`: one report of all parts of a run, nothing lost. */
export function fleetMerge(group: Command): void {
  withReportFlags(
    group
      .command('merge <files...>')
      .description('make one report of what airherd fleet part has measured on several machines'),
  ).action(async (files: string[], flags: ReportFlags) => {
    const parts = await Promise.all(files.map(readPart));
    await reportedRun(null, flags, async () => reportOfParts(parts));
  });
}

async function readPart(path: string): Promise<PartFile> {
  const text = await readInput(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  const parsed = partFile.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AirherdError('config-invalid', { source: path, detail: 'it is no part of a run' });
}

function reportOfParts(parts: readonly PartFile[]) {
  const [first] = parts;
  const wrong = (detail: string) => new AirherdError('config-invalid', { source: 'parts', detail });
  if (parts.some(({ config }) => JSON.stringify(config) !== JSON.stringify(first.config))) {
    throw wrong('they are of runs with different settings');
  }
  const have = new Set(parts.map(({ index }) => index));
  if (have.size !== parts.length) throw wrong('the same part is there twice');
  if (parts.some(({ of }) => of !== first.of))
    throw wrong('they are of runs with different numbers of parts');
  return mergedReport(
    parseFleetConfig(first.config, 'parts'),
    parts.map(({ snapshot }) => snapshot),
    first.of - parts.length,
  );
}
