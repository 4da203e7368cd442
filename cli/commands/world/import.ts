import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { strFromU8, unzipSync } from 'fflate';
import { AirherdError } from '../../../protocol/errors.ts';
import { WIDEST_FLOOR_M } from '../../../world/site/geometry.ts';
import {
  type ImportProblem,
  importGeoJson,
  type PlanDocument,
} from '../../../world/site/import/geojson-plan.ts';
import { importImage } from '../../../world/site/import/image-plan.ts';
import { parseLocated, tooLarge } from '../../../world/site/located-yaml.ts';
import type { Site } from '../../../world/site/model.ts';
import { writePlan } from '../../../world/site/plan-file.ts';
import { isPng, readPng } from './png.ts';
import { parseWhole } from './span.ts';

interface Options {
  image?: string;
  metresPerPixel?: number;
  scale?: number;
  units?: 'metres' | 'degrees';
  seed: number;
  name?: string;
  out?: string;
}

const MAX_PIXELS = 25_000_000;

export function worldImport(group: Command): void {
  group
    .command('import')
    .description('a site from a plan: GeoJSON, IMDF (folder or zip), or an image with a scale')
    .argument('[source]', 'GeoJSON file, IMDF folder or IMDF zip')
    .option('--image <png>', 'a picture of one floor: dark pixels are walls')
    .option('--metres-per-pixel <n>', 'scale of the image', positive)
    .option(
      '--scale <x1,y1,x2,y2,metres>',
      'scale of the image: how far two of its pixels are apart',
      twoPoints,
    )
    .option('--units <units>', "of GeoJSON: degrees, or metres as airherd's own export has", units)
    .option('--seed <n>', 'of the site', parseWhole(0, 0xffffffff), 1)
    .option('--name <name>', 'of the site (default: the name of the file)')
    .option('--out <file>', 'where to write it (default: standard output)')
    .action(run);
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('write a number above 0');
}

/** Metres a pixel, from two pixels and their distance. */
function twoPoints(text: string): number {
  const [x1, y1, x2, y2, metres] = text.split(',').map(Number);
  const scale = metres / Math.hypot(x2 - x1, y2 - y1);
  if (scale > 0 && Number.isFinite(scale)) return scale;
  throw new InvalidArgumentError('write two pixels and metres, as 100,50,500,50,20');
}

function units(text: string): string {
  if (text === 'metres' || text === 'degrees') return text;
  throw new InvalidArgumentError('write metres or degrees');
}

async function run(source: string | undefined, options: Options): Promise<void> {
  if ((source === undefined) === (options.image === undefined)) {
    throw new AirherdError('usage-invalid', {
      detail: 'give a GeoJSON or IMDF source, or --image with its scale',
    });
  }
  const path = source ?? options.image ?? '';
  const name =
    options.name ??
    (basename(path)
      .replace(/\.[^.]*$/, '')
      .replace(/[^A-Za-z0-9._/-]+/g, '-') ||
      'plan');
  const site =
    source === undefined ? await fromImage(path, name, options) : await fromGeoJson(path, name, options);
  const { out } = options;
  if (out === undefined) {
    process.stdout.write(writePlan(site));
    return;
  }
  await writeFile(out, writePlan(site), { flag: 'wx' }).catch((error: Error) => {
    throw new AirherdError('output-failed', { path: out, detail: error.message });
  });
  const rooms = site.floors.reduce((sum, floor) => sum + floor.rooms.length, 0);
  const walls = site.floors.reduce((sum, floor) => sum + floor.walls.length, 0);
  console.log(
    `wrote ${out}: ${site.floors.length} floors, ${rooms} rooms, ${walls} walls, ${site.accessPoints.length} access points; look at it with: airherd world show ${out}`,
  );
}

async function bytesOf(path: string): Promise<Buffer> {
  const missing = (error: Error): never => {
    throw new AirherdError('input-missing', { path, detail: error.message });
  };
  const size = tooLarge((await stat(path).catch(missing)).size);
  if (size !== null) throw new AirherdError('usage-invalid', { detail: `${path}: ${size}` });
  return readFile(path).catch(missing);
}

async function fromImage(
  path: string,
  name: string,
  { metresPerPixel, scale, seed }: Options,
): Promise<Site> {
  const metres = metresPerPixel ?? scale;
  if (metres === undefined) {
    throw new AirherdError('usage-invalid', { detail: 'an image needs --metres-per-pixel or --scale' });
  }
  const image = readPng(path, await bytesOf(path), MAX_PIXELS);
  const widest = Math.round(Math.max(image.width, image.height) * metres);
  if (widest > WIDEST_FLOOR_M) {
    throw new AirherdError('usage-invalid', {
      detail: `${path}: at this scale it is ${widest} m wide; give the metres of one pixel, or cut out one building, ${WIDEST_FLOOR_M} m at most`,
    });
  }
  const site = importImage(image, { name, seed, metresPerPixel: metres });
  if (site === null) {
    throw new AirherdError('usage-invalid', {
      detail: `${path}: no walls; draw them dark, at least 0.8 m long`,
    });
  }
  return site;
}

/** Files of the source with their texts: one GeoJSON, or those of an IMDF archive. */
async function textsOf(path: string): Promise<{ file: string; text: string }[]> {
  const isFolder = (await stat(path).catch(() => null))?.isDirectory() ?? false;
  if (isFolder) {
    const names = (await readdir(path)).filter((name) => name.endsWith('.geojson')).sort();
    if (names.length === 0) throw new AirherdError('usage-invalid', { detail: `${path}: no .geojson in it` });
    return Promise.all(
      names.map(async (name) => ({
        file: join(path, name),
        text: (await bytesOf(join(path, name))).toString(),
      })),
    );
  }
  const bytes = await bytesOf(path);
  if (isPng(bytes)) {
    throw new AirherdError('usage-invalid', { detail: `${path}: is a picture; give it with --image` });
  }
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) return [{ file: path, text: bytes.toString() }];
  try {
    const filter = ({ name, originalSize }: { name: string; originalSize: number }) =>
      name.endsWith('.geojson') && tooLarge(originalSize) === null;
    return Object.entries(unzipSync(bytes, { filter })).map(([name, data]) => ({
      file: `${path}/${name}`,
      text: strFromU8(data),
    }));
  } catch (error) {
    throw new AirherdError('usage-invalid', { detail: `${path}: no zip: ${(error as Error).message}` });
  }
}

async function fromGeoJson(path: string, name: string, { seed, units: of }: Options): Promise<Site> {
  const texts = await textsOf(path);
  const broken: LocatedProblem[] = [];
  const documents = texts.flatMap(({ file, text }): PlanDocument[] => {
    try {
      return [{ file, data: JSON.parse(text) }];
    } catch (error) {
      const line = brokenLine(text, error as Error);
      broken.push({ file, path: '', line, message: `is no JSON: ${oneLine(error as Error)}` });
      return [];
    }
  });
  if (broken.length > 0) throw refused(path, broken);
  const read = importGeoJson(documents, { name, seed, units: of });
  if (read.ok) return read.site;
  const textOf = new Map(texts.map(({ file, text }) => [file, text]));
  throw refused(
    path,
    read.problems.map((of) => ({ ...of, line: lineOf(textOf.get(of.file) ?? '', of.path) })),
  );
}

type LocatedProblem = ImportProblem & { line: number };

function refused(path: string, problems: readonly LocatedProblem[]): AirherdError {
  for (const { file, path: where, line, message } of problems) {
    console.error(`${file}:${line}: ${where ? `${where}: ` : ''}${message}`);
  }
  return new AirherdError('site-invalid', { path, count: problems.length });
}

/** What `JSON.parse` says quotes what it read, line ends and all. */
const oneLine = ({ message }: Error): string => message.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');

/** Of what `JSON.parse` stumbled at, where it says so; else where YAML, which is less strict, does. */
function brokenLine(text: string, { message }: Error): number {
  const [, position] = /\bat position (\d+)/.exec(message) ?? [];
  if (position !== undefined) return text.slice(0, Number(position)).split('\n').length;
  const yaml = parseLocated(text);
  return yaml.ok ? 0 : yaml.problems[0].line;
}

/** JSON is YAML: the line of `features[3].geometry`. */
function lineOf(text: string, path: string): number {
  const yaml = parseLocated(text);
  if (!yaml.ok || path === '') return 0;
  const keys = path.split(/[.[\]]+/).filter(Boolean);
  return yaml.value.lineOf(keys.map((key) => (/^\d+$/.test(key) ? Number(key) : key)));
}
