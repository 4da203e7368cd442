/** What all benches share: medians, tables, and their sections of docs/benchmarks.md. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

const PAGE = new URL('../docs/benchmarks.md', import.meta.url);
const HEAD = `# Benchmarks

Absolute figures are of the machine that a section names; ratios travel. Each section was written by the command in
it: the alternatives ran in the same run, in turn.
`;

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const machine = () =>
  `${availableParallelism()} cores (${cpus()[0].model.trim()}), Node ${process.version}`;

export function printTable([head, ...rows]) {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => String(row[i]).length)));
  for (const row of [head, ...rows]) {
    console.log(
      row
        .map((cell, i) => (i ? String(cell).padStart(widths[i]) : String(cell).padEnd(widths[i])))
        .join('  '),
    );
  }
}

/** Replaces the section between its markers, or adds it at the end. */
export function writeSection(name, { title, command, about, table }) {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const [head, ...rows] = table.map((row) => `| ${row.join(' | ')} |`);
  const text = [
    begin,
    `## ${title}`,
    '',
    about,
    '',
    head,
    `|---|${'---:|'.repeat(table[0].length - 1)}`,
    ...rows,
    '',
    '```console',
    command,
    '```',
    end,
  ].join('\n');
  const page = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : HEAD;
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  const next = from < 0 ? `${page}\n${text}\n` : page.slice(0, from) + text + page.slice(to + end.length);
  writeFileSync(PAGE, next);
}
