import { HISTOGRAMS, type HistogramName } from '../metrics/names.ts';
import { latencyChart, milliseconds, short, timeChart } from './charts.ts';
import type { FleetReport, Latency } from './report.ts';
import type { TimelinePoint } from './timeline.ts';

const STYLE = `
:root { color-scheme: light dark; --fg: #1c2430; --bg: #fff; --soft: #5b6675; --grid: #e3e7ec; --a: #1f6feb; --b: #c2410c; --c: #15803d; --card: #f6f8fa; }
@media (prefers-color-scheme: dark) { :root { --fg: #e6e9ee; --bg: #14181d; --soft: #9aa5b4; --grid: #2b323b; --a: #6ea8fe; --b: #fb923c; --c: #4ade80; --card: #1b2027; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 84rem; padding: 1.5rem; font: 15px/1.45 system-ui, sans-serif; color: var(--fg); background: var(--bg); }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; } h3 { font-size: .95rem; margin: 0; font-weight: 600; }
.badge { display: inline-block; padding: .1rem .6rem; border-radius: 1rem; color: #fff; background: var(--b); font-weight: 600; } .badge.passed { background: #15803d; }
.soft { color: var(--soft); } ul { margin: .5rem 0; padding-left: 1.2rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .75rem; margin: 1rem 0; padding: 0; }
.facts div { background: var(--card); border-radius: .5rem; padding: .6rem .8rem; } .facts dt { color: var(--soft); font-size: .8rem; } .facts dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(34rem, 100%), 1fr)); gap: 1rem; } figure { margin: 0; background: var(--card); border-radius: .5rem; padding: .75rem; } figcaption { color: var(--soft); font-size: .85rem; }
svg { width: 100%; height: auto; display: block; } .grid { stroke: var(--grid); } .axis { fill: var(--soft); font-size: 11px; } .bar { fill: var(--a); } .mark { stroke: var(--b); stroke-dasharray: 3 3; }
.line { fill: none; stroke-width: 2; stroke: var(--a); } .line.b { stroke: var(--b); } .line.c { stroke: var(--c); } .key::before { content: "\\2014 "; font-weight: 700; color: var(--a); } .key.b::before { color: var(--b); } .key.c::before { color: var(--c); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; } th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--grid); text-align: right; white-space: nowrap; } th:first-child, td:first-child { text-align: left; }
`;

/** What a reader may not know of each figure. */
const MEANING: Readonly<Record<HistogramName, string>> = {
  connect: 'from the instant that the schedule intends a login until the welcome',
  tcp: 'TCP connection',
  tls: 'TLS handshake, both certificates',
  proof: 'from CONNECT until the proof of the other side and the welcome',
  ack: 'from the instant that a device has something to say until it is acknowledged',
  command: 'from the arrival of a command until its answer is acknowledged',
  roundTrip: 'from the intended instant of a command to the API until that has the answer',
  renewal: 'from the instant that a certificate is to be renewed until the new one is there',
  slip: 'how late the generator itself was',
};

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]);

/** One page that needs nothing else: it can be mailed, and kept. */
export function htmlOf(report: FleetReport): string {
  const { counters, outcome, reasons } = report;
  const seconds = report.elapsedMs / 1000;
  const title = `airherd fleet: ${outcome}`;
  const facts: [string, string][] = [
    ['devices', short(report.devices)],
    ['got in', `${counters.reached} of ${counters.started}`],
    ['logins', String(counters.logins)],
    ['logins a second', (counters.logins / Math.max(0.001, seconds)).toFixed(1)],
    ['failures', String(counters.failures)],
    ['produced', String(counters.produced)],
    [report.acknowledgedBy === 'cloud' ? 'stored' : 'taken by the broker', String(counters.acknowledged)],
    ['dropped', String(counters.dropped)],
    ['lost', String(counters.lost)],
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title><style>${STYLE}</style></head><body>
<h1>Fleet run <span class="badge ${outcome === 'passed' ? 'passed' : ''}">${escaped(outcome)}</span></h1>
<p class="soft">${escaped(report.cloud)} · proof ${escaped(report.proof)} · shape ${escaped(report.shape)} · ${seconds} s · ${report.workers} worker${report.workers === 1 ? '' : 's'}</p>
${reasons.length === 0 ? '' : `<ul>${reasons.map((reason) => `<li>${escaped(reason)}</li>`).join('')}</ul>`}
<dl class="facts">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escaped(value)}</dd></div>`).join('')}</dl>
${thresholds(report)}
<h2>Over time</h2><div class="charts">${overTime(report.timeline)}</div>
<h2>Latencies</h2><div class="charts">${HISTOGRAMS.map((name) => histogram(report, name)).join('')}</div>
<h2>Percentiles</h2><div class="scroll">${latencies(report)}</div>
${failures(report)}
<h2>The generator</h2>
<p>Event loop p99 ${milliseconds(report.generator.loopDelayMs)} late, ${Math.round(report.generator.utilization * 100)} % busy, waited for a processor ${Math.round(report.generator.cpuWait * 100)} % of the time, ${Math.round(report.generator.memoryBytes / 2 ** 20)} MiB.</p>
${machines(report)}
</body></html>
`;
}

function thresholds(report: FleetReport): string {
  if (report.thresholds.length === 0) return '';
  const rows = report.thresholds.map(
    ({ text, value, met }) =>
      `<tr><td>${escaped(text)}</td><td>${value === null ? '–' : short(value)}</td><td>${met ? 'met' : '<strong>missed</strong>'}</td></tr>`,
  );
  return `<h2>Thresholds</h2><table><tr><th>condition</th><th>measured (ms, or a count)</th><th></th></tr>${rows.join('')}</table>`;
}

function overTime(points: readonly TimelinePoint[]): string {
  if (points.length < 2) return '<p class="soft">The run was too short for a line.</p>';
  const of = (value: (point: TimelinePoint) => number) =>
    points.map((point) => [point.atMs / 1000, value(point)] as const);
  const rate = (name: 'logins' | 'failures' | 'acknowledged') =>
    points.slice(1).map((point, i) => {
      const seconds = Math.max(0.001, (point.atMs - points[i].atMs) / 1000);
      return [point.atMs / 1000, Math.max(0, point[name] - points[i][name]) / seconds] as const;
    });
  const figure = (caption: string, chart: string) =>
    `<figure><figcaption>${caption}</figcaption>${chart}</figure>`;
  return [
    figure(
      '<span class="key">connected</span> <span class="key b">under way, not acknowledged</span>',
      timeChart('connected devices over time', [
        { name: 'connected', className: '', points: of(({ connected }) => connected) },
        { name: 'lost', className: 'b', points: of(({ lost }) => lost) },
      ]),
    ),
    figure(
      'a second: <span class="key">logins</span> <span class="key b">failures</span> <span class="key c">acknowledged</span>',
      timeChart('rates over time', [
        { name: 'logins', className: '', points: rate('logins') },
        { name: 'failures', className: 'b', points: rate('failures') },
        { name: 'acknowledged', className: 'c', points: rate('acknowledged') },
      ]),
    ),
  ].join('');
}

function histogram({ latenciesMs, distributionsMs }: FleetReport, name: HistogramName): string {
  const { count, p50, p99, max } = latenciesMs[name];
  if (count === 0 || p50 === null || p99 === null || max === null) return '';
  const marks = [
    { name: 'p50', ms: p50 },
    { name: 'p99', ms: p99 },
    { name: 'max', ms: max },
  ];
  const chart = latencyChart(`histogram of ${name}`, distributionsMs[name], marks);
  return `<figure><h3>${name}</h3><figcaption>${MEANING[name]}; ${count} values</figcaption>${chart}</figure>`;
}

function latencies({ latenciesMs }: FleetReport): string {
  const figure = (value: number | null): string => (value === null ? '–' : milliseconds(value));
  const row = (name: string, { count, mean, p50, p90, p99, p999, max }: Latency) =>
    `<tr><td>${name}</td><td>${count}</td>${[mean, p50, p90, p99, p999, max].map((value) => `<td>${figure(value)}</td>`).join('')}</tr>`;
  const head = ['', 'count', 'mean', 'p50', 'p90', 'p99', 'p99.9', 'max'];
  return `<table><tr>${head.map((title) => `<th>${title}</th>`).join('')}</tr>${HISTOGRAMS.map((name) => row(name, latenciesMs[name])).join('')}</table>`;
}

function failures({ failuresByCode }: FleetReport): string {
  const rows = Object.entries(failuresByCode).sort(([, a], [, b]) => b - a);
  if (rows.length === 0) return '';
  return `<h2>Failures</h2><table><tr><th>code</th><th>times</th></tr>${rows.map(([code, count]) => `<tr><td>${escaped(code)}</td><td>${count}</td></tr>`).join('')}</table>`;
}

function machines({ machines: rows }: FleetReport): string {
  if (rows.length === 0) return '';
  const lines = rows.map(
    ({ name, shards, clockOffsetMs, state }) =>
      `<tr><td>${escaped(name)}</td><td>${shards.join(', ')}</td><td>${clockOffsetMs.toFixed(1)} ms</td><td>${state}</td></tr>`,
  );
  return `<h2>Machines</h2><table><tr><th>worker</th><th>shards</th><th>its clock is ahead by</th><th></th></tr>${lines.join('')}</table>`;
}
