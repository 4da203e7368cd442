import type { FleetReport } from './report.ts';

/** RFC 4180: one figure a line, so that runs can be put under each other. Times are milliseconds. */
export function csvOf({ outcome, counters, failuresByCode, latenciesMs, generator }: FleetReport): string {
  const rows: [string, string, string | number][] = [['run', 'outcome', outcome]];
  for (const [name, value] of Object.entries(counters)) rows.push([name, 'count', value]);
  for (const [code, value] of Object.entries(failuresByCode)) rows.push(['failures', code, value]);
  for (const [name, latency] of Object.entries(latenciesMs)) {
    for (const [statistic, value] of Object.entries(latency)) rows.push([name, statistic, value ?? '']);
  }
  for (const [name, value] of Object.entries(generator)) rows.push(['generator', name, value]);
  return [['metric', 'statistic', 'value'], ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}
