import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { parseFleetConfig, type ShardSnapshot } from '../../../fleet/index.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { preflight } from './preflight.ts';
import { type FleetFlags, fleetInput, withFleetFlags } from './settings.ts';
import { startWorker } from './workers.ts';

interface PartFlags extends FleetFlags {
  index: number;
  of: number;
  startsAt: number;
  out: string;
}

/** What one part leaves behind; `airherd fleet merge` makes one report of all. */
export interface PartFile {
  version: 1;
  index: number;
  of: number;
  machine: string;
  config: Record<string, unknown>;
  snapshot: ShardSnapshot;
}

function whole(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a whole number.');
}

/** Unix milliseconds of an ISO 8601 instant with its zone. */
function instant(text: string): number {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new InvalidArgumentError('like 2026-03-01T12:00:00Z.');
}

/** `airherd fleet part`: one of several equal parts of a run, without a coordinator: for a Kubernetes Indexed Job. */
export function fleetPart(group: Command): void {
  withFleetFlags(
    group.command('part').description('one part of a run by its index; airherd fleet merge joins them'),
  )
    .requiredOption('--index <n>', 'of this part, from 0: $JOB_COMPLETION_INDEX', whole)
    .requiredOption('--of <n>', 'how many parts there are', whole)
    .requiredOption(
      '--starts-at <time>',
      'the same for all; one that is past is resumed: 2026-03-01T12:00:00Z',
      instant,
    )
    .requiredOption('--out <file>', 'where what was measured is put')
    .action(part);
}

async function part(file: string | undefined, flags: PartFlags): Promise<void> {
  const { index, of, out, startsAt } = flags;
  if (index >= of) throw new AirherdError('usage-invalid', { detail: `--index is 0 to ${of - 1}` });
  const input = await fleetInput(file, flags);
  const config = parseFleetConfig(input, file ?? 'flags');
  const { serials, source, api } = await preflight(config, flags);
  const worker = startWorker({ config, serials, source, api, worker: index, workers: of });
  const onSignal = () => worker.stop();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    await worker.ready;
    const nowMs = nodeClock.wallMs();
    // A part that was started again after its machine failed goes on where the schedule is.
    worker.begin(startsAt, startsAt < nowMs ? nowMs : undefined);
    const left = Math.round(Math.max(0, startsAt - nowMs) / 100) / 10;
    console.error(`part ${index + 1} of ${of}: begins ${left > 0 ? `in ${left} s` : 'now'}`);
    const snapshot = await worker.final;
    const result: PartFile = { version: 1, index, of, machine: hostname(), config: input, snapshot };
    await writeFile(out, `${JSON.stringify(result)}\n`);
    const { logins, acknowledged } = snapshot.metrics.counters;
    console.error(`part ${index + 1} of ${of}: ${logins} logins, ${acknowledged} acknowledged, in ${out}`);
  } finally {
    await worker.kill();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
