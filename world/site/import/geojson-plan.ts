/**
 * Plans as GeoJSON (RFC 7946): Apple's Indoor Mapping Data Format (levels, units, openings, fixtures), OpenStreetMap's
 * Simple Indoor Tagging, and what `airherd world export --format geojson` writes.
 */
import { z } from 'zod';
import { extentM, selfCrossing, signedArea2, WIDEST_FLOOR_M } from '../geometry.ts';
import { MATERIALS } from '../materials.ts';
import type { Point, RoomKind, Site, Wall } from '../model.ts';
import type { Problem } from '../problem.ts';
import { type ImportedLevel, type ImportOptions, siteOf } from './imported-floor.ts';

/** One file: an IMDF archive has several, each named for its feature type. */
export interface PlanDocument {
  file: string;
  data: unknown;
}

export interface ImportProblem extends Problem {
  file: string;
}

export interface GeoJsonOptions extends ImportOptions {
  /** Degrees unless the file is of our own. */
  units?: 'metres' | 'degrees';
}

export type Import = { ok: true; site: Site } | { ok: false; problems: ImportProblem[] };

const position = z.array(z.number()).min(2);
const ring = z.array(position);
const geometry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Point'), coordinates: position }),
  z.object({ type: z.literal('LineString'), coordinates: ring }),
  z.object({ type: z.literal('MultiLineString'), coordinates: z.array(ring) }),
  z.object({ type: z.literal('Polygon'), coordinates: z.array(ring).min(1) }),
  z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(z.array(ring).min(1)) }),
]);
const feature = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  feature_type: z.string().optional(),
  geometry: geometry.nullable(),
  properties: z.record(z.string(), z.unknown()).nullable(),
});
type Feature = z.output<typeof feature>;

const KINDS: readonly (readonly [RegExp, RoomKind])[] = [
  [/walkway|hallway|corridor|foyer/, 'corridor'],
  [/conference|meeting/, 'meeting'],
  [/stairs|steps|elevator|escalator|ramp/, 'stairs'],
  [/lobby|reception|lounge/, 'lobby'],
  [/class|auditorium|lecture/, 'class'],
  [/food|restaurant|cafeteria|canteen|kitchen/, 'canteen'],
  [/storage|store_?room|utility|mechanical/, 'store'],
  [/retail|shop/, 'shop'],
  [/ward|patient/, 'ward'],
];
const kindOf = (text: string): RoomKind => KINDS.find(([pattern]) => pattern.test(text))?.[1] ?? 'office';
/** Fixtures that a signal notices. */
const FIXTURES: Readonly<Record<string, string>> = {
  wall: 'brick',
  column: 'concrete',
  obstruction: 'brick',
  kiosk: 'wood',
};
const EARTH_M_PER_DEGREE = 111_320;

interface Part {
  what: 'level' | 'room' | 'wall' | 'opening' | 'fixture';
  level: string;
  name: string;
  category: string;
  lines: [number, number][][];
  at: { file: string; path: string };
}

const text = (value: unknown): string => {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  // IMDF labels are maps from language to text.
  if (typeof value === 'object' && value !== null) return text(Object.values(value)[0]);
  return '';
};

/** What a feature is for us; null for what is of no use here. */
function whatOf(of: Feature, file: string): Part['what'] | null {
  const p = of.properties ?? {};
  const type = of.feature_type ?? /(level|unit|opening|fixture)\.geojson$/.exec(file)?.[1] ?? '';
  const indoor = text(p.indoor) || text(p.kind);
  if (type === 'level' || indoor === 'level' || indoor === 'floor') return 'level';
  if (type === 'unit' || /^(room|area|corridor)$/.test(indoor)) return 'room';
  if (type === 'opening' || indoor === 'door' || (p.door !== undefined && p.door !== 'no')) return 'opening';
  if (type === 'fixture') return 'fixture';
  return indoor === 'wall' || p.barrier === 'wall' ? 'wall' : null;
}

function linesOf(of: Feature): [number, number][][] {
  const pair = ([x, y]: number[]): [number, number] => [x, y];
  switch (of.geometry?.type) {
    case 'LineString':
      return [of.geometry.coordinates.map(pair)];
    case 'MultiLineString':
    case 'Polygon':
      return of.geometry.coordinates
        .slice(0, of.geometry.type === 'Polygon' ? 1 : undefined)
        .map((r) => r.map(pair));
    case 'MultiPolygon':
      return of.geometry.coordinates.map(([outer]) => outer.map(pair));
    default:
      return [];
  }
}

function partsOf({ file, data }: PlanDocument, problems: ImportProblem[]): Part[] {
  const collection = z.object({ features: z.array(z.unknown()) }).safeParse(data);
  if (!collection.success) {
    problems.push({ file, path: '', message: 'is no GeoJSON; write a FeatureCollection with features' });
    return [];
  }
  return collection.data.features.flatMap((item, i): Part[] => {
    const path = `features[${i}]`;
    const read = feature.safeParse(item);
    if (!read.success) {
      const [issue] = read.error.issues;
      const where = issue.path
        .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
        .join('');
      problems.push({ file, path: path + where, message: `${issue.message}; write a feature of RFC 7946` });
      return [];
    }
    const what = whatOf(read.data, file);
    if (what === null) return [];
    const p = read.data.properties ?? {};
    const own =
      what === 'level' ? (read.data.id ?? p.floor ?? p.level ?? 0) : (p.level_id ?? p.floor ?? p.level ?? 0);
    const category =
      (what === 'wall' && text(p.material)) ||
      text(p.category) ||
      text(p.use) ||
      text(p.room) ||
      text(p.indoor);
    const part = {
      what,
      level: text(own),
      name: text(p.name),
      category,
      lines: linesOf(read.data),
      at: { file, path },
    };
    if (what === 'level') ordinals.set(part, Number(p.ordinal ?? p.level ?? 0));
    return [part];
  });
}

const ordinals = new WeakMap<Part, number>();

export function importGeoJson(documents: readonly PlanDocument[], options: GeoJsonOptions): Import {
  const problems: ImportProblem[] = [];
  const parts = documents.flatMap((document) => partsOf(document, problems));
  const isOwn = documents.some(({ data }) => JSON.stringify(data).includes('"kind":"floor"'));
  const units = options.units ?? (isOwn ? 'metres' : 'degrees');
  const toPoint = projection(parts, units);
  const outlineOf = ({ lines: [line = []], at }: Part): Point[] | null => {
    const isClosed = line.length > 1 && line[0].join() === line[line.length - 1].join();
    const points = (isClosed ? line.slice(0, -1) : line).map(toPoint);
    const add = (message: string) => problems.push({ ...at, message });
    if (points.length < 3) add('needs at least 3 corners; write a Polygon');
    else if (selfCrossing(points)) add('crosses itself; list the corners in order');
    else if (Math.abs(signedArea2(points)) / 2 < 0.5)
      add('has no area; write corners that hold at least 0.5 m²');
    else return signedArea2(points) < 0 ? points.reverse() : points;
    return null;
  };
  const levels = new Map<string, ImportedLevel>();
  const rooms = parts.filter(({ what }) => what === 'room');
  for (const part of parts.filter(({ what }) => what === 'level')) {
    const outline = outlineOf(part);
    const empty = { rooms: [], walls: [], openings: [] };
    if (outline) levels.set(part.level, { level: ordinals.get(part) ?? 0, outline, ...empty });
  }
  for (const room of rooms) {
    const outline = outlineOf(room);
    if (outline === null) continue;
    const level = levels.get(room.level) ?? boxLevel(room.level, rooms, toPoint, levels);
    level.rooms.push({ name: room.name, kind: kindOf(room.category.toLowerCase()), outline });
  }
  for (const { what, level: id, lines, category, at } of parts) {
    if (what === 'level' || what === 'room') continue;
    const level = levels.get(id);
    if (level === undefined) {
      problems.push({
        ...at,
        message: `no level ${id}; there are ${[...levels.keys()].join(', ') || 'none'}`,
      });
      continue;
    }
    const material = what === 'fixture' ? FIXTURES[category] : category in MATERIALS ? category : 'drywall';
    if (material === undefined) continue;
    for (const line of lines) {
      for (let i = 1; i < line.length; i++) {
        const [from, to] = [toPoint(line[i - 1]), toPoint(line[i])];
        if (what === 'opening') level.openings.push({ from, to });
        else level.walls.push({ from, to, material } satisfies Wall);
      }
    }
  }
  const addToAll = (message: string) => problems.push({ file: documents[0]?.file ?? '', path: '', message });
  for (const [id, { outline }] of levels) {
    const extent = extentM(outline);
    if (extent > WIDEST_FLOOR_M)
      addToAll(`level ${id} is ${Math.round(extent)} m wide; give one building, ${WIDEST_FLOOR_M} m at most`);
  }
  if (levels.size === 0 && problems.length === 0)
    addToAll('has no rooms; give polygons indoor=room, or IMDF units');
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, site: siteOf([...levels.values()], options) };
}

/** A level that nobody drew is the box around its rooms. */
function boxLevel(
  id: string,
  rooms: readonly Part[],
  toPoint: (at: [number, number]) => Point,
  levels: Map<string, ImportedLevel>,
): ImportedLevel {
  const points = rooms.filter((room) => room.level === id).flatMap((room) => room.lines.flat().map(toPoint));
  const [xs, ys] = [points.map((p) => p.x), points.map((p) => p.y)];
  const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const outline = [
    { x: west, y: south },
    { x: east, y: south },
    { x: east, y: north },
    { x: west, y: north },
  ];
  const level = { level: Number.parseInt(id, 10) || 0, outline, rooms: [], walls: [], openings: [] };
  levels.set(id, level);
  return level;
}

/** Metres east and north of the south-west corner; a building is small enough for a plane. */
function projection(parts: readonly Part[], units: 'metres' | 'degrees'): (at: [number, number]) => Point {
  if (units === 'metres') return ([x, y]) => ({ x, y });
  let [west, south] = [Infinity, Infinity];
  for (const { lines } of parts) {
    for (const [lon, lat] of lines.flat()) {
      west = Math.min(west, lon);
      south = Math.min(south, lat);
    }
  }
  const shrink = Math.cos((south * Math.PI) / 180);
  const metres = (degrees: number): number => Math.round(degrees * EARTH_M_PER_DEGREE * 100) / 100;
  return ([lon, lat]) => ({ x: metres((lon - west) * shrink), y: metres(lat - south) });
}
