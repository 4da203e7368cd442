import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import {
  coordinateRun,
  csvOf,
  type FleetConfig,
  type FleetReport,
  htmlOf,
  junitOf,
  OUTCOMES,
  type RunProgress,
} from '../../../fleet/index.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { startOwnCloud } from './own-cloud.ts';
import { describePlan, preflight } from './preflight.ts';
import { startPrometheus } from './prometheus.ts';
import { type FleetFlags, fleetConfig, withFleetFlags } from './settings.ts';
import { reportLines, runView } from './view.ts';
import { startWorkers } from './workers.ts';

/** What a run tells of itself, and where. */
export interface ReportFlags {
  json?: boolean;
  junit?: string;
  csv?: string;
  html?: string;
  prometheus?: string;
}

type RunFlags = FleetFlags & ReportFlags & { withCloud?: boolean };

const PLAIN_WIDTH = 100;

/** `airherd fleet run`: acts a load shape out against a target, and says what came of it. */
export function fleetRun(group: Command): void {
  const command = group.command('run').description('run virtual devices against a cloud and report');
  withReportFlags(
    withFleetFlags(command).addOption(
      new Option(
        '--with-cloud',
        'bring everything: a cloud of its own on this machine, and the identities that it knows',
      ).conflicts(['cloud', 'serverName', 'pack', 'iOwnThisTarget']),
    ),
  ).action((file, flags) => (flags.withCloud ? runWithCloud(file, flags) : run(file, flags)));
}

export function withReportFlags(command: Command): Command {
  return command
    .option('--json', 'print the report as JSON')
    .option('--junit <file>', 'write the report as JUnit XML too')
    .option('--csv <file>', 'write the report as CSV too')
    .option('--html <file>', 'write the report as one HTML page with plots too')
    .option('--prometheus <port>', 'serve metrics while the run lasts; a port of this machine, or host:port');
}

/** Ctrl-C ends what is made ready, or the run, and then the cloud; pressed again it changes nothing. */
async function runWithCloud(file: string | undefined, flags: RunFlags): Promise<void> {
  const { devices } = await fleetConfig(file, flags);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const cloud = await startOwnCloud(devices, stop.signal);
  try {
    const { url, identities, apiHome } = cloud;
    if (stop.signal.aborted) process.exitCode = OUTCOMES.aborted;
    else await run(file, { ...flags, cloud: url, serverName: 'localhost', identities, apiHome });
  } finally {
    await cloud.stop();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

async function run(file: string | undefined, flags: RunFlags & { apiHome?: string }): Promise<void> {
  const config = await fleetConfig(file, flags);
  const checked = await preflight(config, flags);
  await reportedRun(config, flags, (onProgress, signal) => {
    for (const line of describePlan(config, checked)) console.error(line);
    const workers = startWorkers({
      config,
      serials: checked.serials,
      source: checked.source,
      api: checked.api,
      workers: checked.workers,
    });
    return coordinateRun(config, workers, nodeClock, onProgress, signal);
  });
}

/** Shows a run, writes its report, and sets the exit code; Ctrl-C ends it early, with a whole report. */
export async function reportedRun(
  /** Null: nothing runs that could be shown. */
  config: FleetConfig | null,
  flags: ReportFlags,
  act: (onProgress: (now: RunProgress) => void, signal: AbortSignal) => Promise<FleetReport>,
): Promise<void> {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const view = config && runView(config);
  const prometheus = flags.prometheus === undefined ? null : await startPrometheus(flags.prometheus);
  if (prometheus) console.error(`metrics     ${prometheus.url}`);
  try {
    const report = await act((now) => {
      view?.show(now);
      prometheus?.update(now);
    }, stop.signal);
    view?.close();
    await write(report, flags);
    process.exitCode = report.exitCode;
  } finally {
    view?.close();
    await prometheus?.close();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

async function write(report: FleetReport, { json, junit, csv, html }: ReportFlags): Promise<void> {
  if (json) console.log(JSON.stringify(report, null, 2));
  else for (const line of reportLines(report, process.stdout.columns ?? PLAIN_WIDTH)) console.log(line);
  if (junit !== undefined) await save(junit, junitOf(report));
  if (csv !== undefined) await save(csv, csvOf(report));
  if (html !== undefined) await save(html, htmlOf(report));
}

async function save(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new AirherdError('output-failed', { path, detail }, { cause: error });
  }
}
