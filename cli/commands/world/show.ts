import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { AirherdError } from '../../../protocol/errors.ts';
import type { Picture } from '../../../world/draw/canvas.ts';
import { pictureRaster } from '../../../world/draw/raster.ts';
import { clientsAt, troublesOf } from '../../../world/draw/scene.ts';
import { pictureSvg } from '../../../world/draw/svg.ts';
import { pictureText } from '../../../world/draw/terminal.ts';
import { siteCast } from '../../../world/engine/cast.ts';
import { undisturbed } from '../../../world/engine/network.ts';
import { UNDISTURBED } from '../../../world/happenings/conditions.ts';
import { coverage } from '../../../world/radio/coverage.ts';
import type { Band, Site } from '../../../world/site/model.ts';
import { loadSite, loadTimeline } from './load.ts';
import { writePng } from './png.ts';
import { parseStart, parseWhole } from './span.ts';

/** Of the heat map. */
const CELL_M = 0.5;
/** Cells of a plan on a terminal whose width nobody knows. */
const DEFAULT_COLUMNS = 100;

interface Options {
  band: Band | 'none';
  floor?: string;
  at?: number;
  clients?: number;
  happenings?: string;
  svg?: string;
  png?: string;
}

export function worldShow(group: Command): void {
  group
    .command('show')
    .description(
      'the floor plan with walls, access points, wires and signal; who is there, and what is wrong',
    )
    .argument('<file>', 'a site in YAML, as made by airherd world make')
    .addOption(
      new Option('--band <ghz>', 'band of the heat map').choices(['2.4', '5', '6', 'none']).default('5'),
    )
    .option('--floor <id>', 'which floor (default: the first)')
    .option('--at <time>', 'who is there at this time, ISO 8601 with its zone', parseStart)
    .option(
      '--clients <n>',
      'Wi-Fi clients (default: as many as the rooms are for)',
      parseWhole(0, 1_000_000),
    )
    .option('--happenings <file>', 'what is wrong at the time of --at (YAML)')
    .option('--svg <file>', 'write a picture instead of drawing in the terminal')
    .option('--png <file>', 'the same in pixels')
    .action(run);
}

async function pictureOf(site: Site, options: Options): Promise<Picture> {
  const { band, floor = site.floors[0].id, at, clients, happenings } = options;
  if (!site.floors.some((candidate) => candidate.id === floor)) {
    const known = site.floors.map((candidate) => candidate.id).join(', ');
    throw new AirherdError('usage-invalid', { detail: `no floor ${floor}; there are ${known}` });
  }
  if (happenings !== undefined && at === undefined) {
    throw new AirherdError('usage-invalid', { detail: '--happenings needs --at: when to look' });
  }
  const conditionsAt = (await loadTimeline(site, happenings))?.conditionsAt ?? undisturbed;
  const heat =
    band === 'none'
      ? null
      : coverage(site, floor, band, CELL_M, at === undefined ? UNDISTURBED : conditionsAt(at));
  if (at === undefined) return { site, floor, heat, clients: [], troubles: [] };
  return {
    site,
    floor,
    heat,
    clients: clientsAt(siteCast(site, { conditionsAt, clients }), floor, at),
    troubles: troublesOf(conditionsAt(at)),
    time: `${new Date(at).toISOString().slice(0, 16)}Z`,
  };
}

async function run(file: string, options: Options): Promise<void> {
  const picture = await pictureOf(await loadSite(file), options);
  const { svg, png } = options;
  if (svg === undefined && png === undefined) {
    const columns = Math.min(process.stdout.columns ?? DEFAULT_COLUMNS, 160);
    for (const line of pictureText(picture, columns)) console.log(line);
    return;
  }
  if (svg !== undefined) await write(svg, pictureSvg(picture));
  if (png !== undefined) await write(png, writePng(pictureRaster(picture)));
}

async function write(path: string, content: string | Buffer): Promise<void> {
  await writeFile(path, content).catch((error: Error) => {
    throw new AirherdError('output-failed', { path, detail: error.message });
  });
  console.log(`wrote ${path}`);
}
