import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { AirherdError } from '../../../protocol/errors.ts';
import { siteGeoJson } from '../../../world/engine/geojson.ts';
import type { World } from '../../../world/engine/world.ts';
import { parseDuration } from '../../duration.ts';
import { loadWorld } from './load.ts';
import { DEFAULT_START, parseStart, parseWhole } from './span.ts';

type What = 'site' | 'beings' | 'truth';
type Format = 'json' | 'geojson' | 'csv';

interface Options {
  what: What;
  format: Format;
  start: number;
  for: number;
  seed?: number;
  clients?: number;
  happenings?: string;
  out?: string;
}

const DEFAULT_SPAN_MS = 3_600_000;

export function worldExport(group: Command): void {
  group
    .command('export')
    .description('a site, the beings in it, or what they do, for other programs')
    .argument('<file>', 'a site in YAML, as made by airherd world make')
    .addOption(
      new Option('--what <what>', 'what to write').choices(['site', 'beings', 'truth']).default('site'),
    )
    .addOption(
      new Option('--format <format>', 'geojson has metres, not degrees, and is for the site')
        .choices(['json', 'geojson', 'csv'])
        .default('json'),
    )
    .addOption(
      new Option('--start <time>', 'of the truth, ISO 8601 with its zone')
        .argParser(parseStart)
        .default(parseStart(DEFAULT_START), DEFAULT_START),
    )
    .option('--for <duration>', 'of the truth', parseDuration, DEFAULT_SPAN_MS)
    .option('--seed <n>', "instead of the site's own", parseWhole(0, 0xffffffff))
    .option(
      '--clients <n>',
      'Wi-Fi clients (default: as many as the rooms are for)',
      parseWhole(0, 1_000_000),
    )
    .option('--happenings <file>', 'what goes wrong, and when (YAML)')
    .option('--out <file>', 'where to write it (default: standard output)')
    .action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const { what, format, out } = options;
  if (format === 'geojson' && what !== 'site') {
    throw new AirherdError('usage-invalid', {
      detail: `geojson is for --what site; write ${what} as json or csv`,
    });
  }
  const world = await loadWorld(file, options, { ble: false });
  const text = format === 'csv' ? csv(rowsOf(world, options)) : json(world, options);
  if (out === undefined) {
    process.stdout.write(text);
    return;
  }
  await writeFile(out, text).catch((error: Error) => {
    throw new AirherdError('output-failed', { path: out, detail: error.message });
  });
}

function json(world: World, options: Options): string {
  const { site } = world;
  const value =
    options.format === 'geojson'
      ? siteGeoJson(site)
      : options.what === 'site'
        ? site
        : rowsOf(world, options);
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** One object a device, a being, or a thing done. */
function rowsOf(world: World, { what, start, for: spanMs }: Options): object[] {
  switch (what) {
    case 'site': {
      const { accessPoints, switches } = world.site;
      const row = (kind: string) => (device: (typeof accessPoints | typeof switches)[number]) => {
        const { id, name, model, mac, at } = device;
        return { kind, id, name, model, mac, ...at };
      };
      return [...accessPoints.map(row('access point')), ...switches.map(row('switch'))];
    }
    case 'beings':
      return [...world.beings];
    case 'truth':
      return [...world.run(start, start + spanMs)].flatMap((step) =>
        step.type === 'fact' ? [{ timeMs: step.timeUs / 1000, ...step.fact }] : [],
      );
  }
}

/** RFC 4180; what is not plain stands as JSON. Columns are all keys, in order of appearance. */
function csv(rows: readonly object[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (value: unknown): string => {
    const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = rows.map((row) => {
    const values = new Map<string, unknown>(Object.entries(row));
    return columns.map((column) => cell(values.get(column))).join(',');
  });
  return `${[columns.join(','), ...lines].join('\r\n')}\r\n`;
}
