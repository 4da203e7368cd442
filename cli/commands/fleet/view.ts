import { type FleetReport, HISTOGRAMS, latenciesOf, type RunProgress } from '../../../fleet/index.ts';
import { openScreen } from '../../demo/screen.ts';
import { type Column, table } from '../../table.ts';
import { byteCount } from '../../text.ts';

const LINE_MS = 5_000;

const COLUMNS: readonly Column[] = [
  { title: 'ms' },
  ...['count', 'mean', 'p50', 'p90', 'p99', 'p99.9', 'max'].map((title) => ({
    title,
    align: 'right' as const,
  })),
];

function latencyTable(latencies: FleetReport['latenciesMs'], width: number): string[] {
  const figure = (value: number | null): string => (value === null ? '-' : value.toFixed(1));
  // What a run does not do, such as renewals, would only be lines of nothing.
  const shown = HISTOGRAMS.filter(
    (name) => latencies[name].count > 0 || name === 'connect' || name === 'ack',
  );
  const rows = shown.map((name) => {
    const { count, mean, p50, p90, p99, p999, max } = latencies[name];
    return [name, String(count), ...[mean, p50, p90, p99, p999, max].map(figure)];
  });
  return table(COLUMNS, rows, width);
}

function countLine({ elapsedMs, metrics }: RunProgress): string {
  const { started, connected, logins, failures, produced, acknowledged, lost } = metrics.counters;
  return (
    `${Math.round(elapsedMs / 1000)} s: ${connected} of ${started} connected, ${logins} logins, ` +
    `${failures} failures, ${produced} produced, ${acknowledged} stored, ${lost} under way`
  );
}

/** A picture on a terminal, a line now and then elsewhere; on standard error, so that reports can be piped. */
export interface RunView {
  show(progress: RunProgress): void;
  close(): void;
}

const BAR_WIDTH = 40;

function bar(label: string, done: number, total: number, unit: string): string {
  const filled = Math.round(Math.min(1, done / Math.max(1, total)) * BAR_WIDTH);
  return `${label.padEnd(11)}[${'#'.repeat(filled).padEnd(BAR_WIDTH, '.')}] ${done} of ${total}${unit}`;
}

/** How far it is, what came of it so far, and how long it took. */
function picture({ elapsedMs, metrics }: RunProgress, of: RunExtent, columns: number): string[] {
  const { connected, logins, failures, produced, acknowledged, dropped, lost } = metrics.counters;
  const seconds = (ms: number) => Math.round(ms / 1000);
  return [
    bar('time', Math.min(seconds(elapsedMs), seconds(of.for)), seconds(of.for), ' s'),
    bar('connected', connected, of.devices, ''),
    `logins     ${logins}, ${failures} failures`,
    `messages   ${produced} produced, ${acknowledged} stored, ${dropped} dropped, ${lost} under way`,
    `generator  p99 of its slip ${Math.round(metrics.percentileMs('slip', 99) || 0)} ms`,
    '',
  ]
    .map((line) => line.slice(0, columns))
    .concat(latencyTable(latenciesOf(metrics), columns));
}

interface RunExtent {
  devices: number;
  /** Milliseconds. */
  for: number;
}

export function runView(of: RunExtent, stream: NodeJS.WriteStream = process.stderr): RunView {
  if (stream.isTTY) {
    const screen = openScreen(stream);
    return {
      show: (progress) => screen.draw(picture(progress, of, stream.columns)),
      close: () => screen.close(),
    };
  }
  let saidMs = 0;
  return {
    show(progress) {
      if (progress.elapsedMs - saidMs < LINE_MS) return;
      saidMs = progress.elapsedMs;
      stream.write(`${countLine(progress)}\n`);
    },
    close: () => {},
  };
}

/** The report, for people. */
export function reportLines(report: FleetReport, width: number): string[] {
  const { counters, generator } = report;
  const perSecond = counters.logins / Math.max(0.001, report.elapsedMs / 1000);
  return [
    `${report.outcome}${report.reasons.length > 0 ? ':' : ''}`,
    ...report.reasons.map((reason) => `  ${reason}`),
    '',
    `devices    ${counters.started} started, ${counters.reached} got in, ${counters.connected} connected at the end`,
    `logins     ${counters.logins} (${perSecond.toFixed(1)} a second), ${counters.failures} failures, ${counters.cuts} cuts`,
    ...Object.entries(report.failuresByCode).map(([code, count]) => `           ${code}: ${count}`),
    `messages   ${counters.produced} produced = ${counters.acknowledged} stored + ${counters.dropped} dropped + ${counters.forgotten} forgotten + ${counters.lost} lost`,
    `generator  event loop p99 ${generator.loopDelayMs.toFixed(1)} ms late, ${Math.round(generator.utilization * 100)} % busy, ${Math.round(generator.cpuWait * 100)} % waiting for a processor, ${byteCount(generator.memoryBytes)}`,
    ...(counters.commanded > 0
      ? [`commands   ${counters.commanded} given, ${counters.answered} answered`]
      : []),
    ...report.thresholds.map(
      ({ text, value, met }) =>
        `threshold  ${met ? 'met   ' : 'missed'} ${text}${value === null ? '' : ` (${Math.round(value * 1000) / 1000})`}`,
    ),
    '',
    ...latencyTable(report.latenciesMs, width),
  ];
}
