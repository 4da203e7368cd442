/** Plans in public formats and pictures become sites with the measures that they were drawn with. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';
import { siteGeoJson } from '../../../world/engine/geojson.ts';
import { checkSite } from '../../../world/site/check.ts';
import { boundingBox } from '../../../world/site/geometry.ts';
import { importGeoJson, type PlanDocument } from '../../../world/site/import/geojson-plan.ts';
import { importImage } from '../../../world/site/import/image-plan.ts';
import type { Site, Wall } from '../../../world/site/model.ts';
import { officeSite } from '../../../world/site/office.ts';
import { readPlan, writePlan } from '../../../world/site/plan-file.ts';
import { Routes } from '../../../world/site/routes.ts';

const plans = join(import.meta.dirname, '../../../fixtures/plans');
const imdf: PlanDocument[] = Object.entries(
  unzipSync(readFileSync(join(plans, 'two-floors.imdf.zip')), {
    filter: ({ name }) => name.endsWith('.geojson'),
  }),
).map(([file, bytes]) => ({ file, data: JSON.parse(strFromU8(bytes)) }));
const indoor = [
  { file: 'indoor.geojson', data: JSON.parse(readFileSync(join(plans, 'indoor.geojson'), 'utf8')) },
];

function sound(documents: readonly PlanDocument[]): Site {
  const read = importGeoJson(documents, { name: 'plan', seed: 1 });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  expect(checkSite(read.site)).toEqual([]);
  expect(readPlan(writePlan(read.site)).ok).toBe(true);
  return read.site;
}

const lengthOf = ({ from, to }: Wall): number => Math.hypot(to.x - from.x, to.y - from.y);
const sizeOf = (outline: Site['floors'][0]['outline']) => {
  const { west, south, east, north } = boundingBox(outline);
  return [Math.round((east - west) * 10) / 10, Math.round((north - south) * 10) / 10];
};

describe('IMDF', () => {
  const site = sound(imdf);

  test('levels and units have their measures and uses', () => {
    expect(site.floors.map(({ id, level, outline }) => [id, level, ...sizeOf(outline)])).toEqual([
      ['f0', 0, 30, 16],
      ['f1', 1, 30, 16],
    ]);
    expect(site.floors[0].rooms.map(({ kind }) => kind)).toEqual([
      'corridor',
      'office',
      'meeting',
      'office',
      'canteen',
      'stairs',
    ]);
    expect(site.floors[1].rooms.map(({ kind }) => kind)[4]).toBe('class');
  });

  test('a wall between two units stands once, and openings are gaps in it', () => {
    // Outer walls 92 m less a door of 1 m; inside 7 + 7 + 7 (between rooms) and twice 30 along the corridor,
    // less doors of 1 + 1 + 1 m to the south and 1.2 + 1 m to the north.
    const total = (material: string, floor: number) =>
      site.floors[floor].walls
        .filter((w) => w.material === material)
        .reduce((sum, w) => sum + lengthOf(w), 0);
    expect(total('drywall', 0)).toBeCloseTo(21 + 60 - 3 - 2.2, 0);
    // A column of 0.6 m by 0.6 m is concrete as well; furniture is nothing.
    expect(total('concrete', 0)).toBeCloseTo(92 - 1 + 2.4, 0);
    expect(total('concrete', 1)).toBeCloseTo(92, 0);
  });

  test('one can walk from every room to every other by the doors', () => {
    const routes = new Routes(site.floors[0]);
    const [, first] = routes.anchors;
    for (const [i, anchor] of routes.anchors.entries()) {
      const way = routes.between(first, 1, anchor, i);
      for (let k = 1; k < way.length; k++) expect(routes.mask.clear(way[k - 1], way[k])).toBe(true);
    }
  });
});

test('OpenStreetMap indoor tagging: rooms, doors, a wall of glass', () => {
  const [floor] = sound(indoor).floors;
  expect(sizeOf(floor.outline)).toEqual([12, 8]);
  expect(floor.rooms.map(({ kind }) => kind)).toEqual(['office', 'meeting', 'corridor']);
  const glass = floor.walls.filter(({ material }) => material === 'glass');
  expect(glass.map(lengthOf)).toEqual([expect.closeTo(2, 1)]);
});

test('what airherd exports comes back: outlines, rooms, walls', () => {
  const office = officeSite({ seed: 4, floors: 2 });
  const site = sound([{ file: 'own.geojson', data: JSON.parse(JSON.stringify(siteGeoJson(office))) }]);
  expect(site.floors.map(({ level }) => level)).toEqual([0, 1]);
  office.floors.forEach((floor, i) => {
    expect(site.floors[i].rooms.map(({ kind }) => kind)).toEqual(floor.rooms.map(({ kind }) => kind));
    expect(sizeOf(site.floors[i].outline)).toEqual(sizeOf(floor.outline));
  });
});

test('all that is wrong with a plan is told, with its feature', () => {
  const [document] = structuredClone(indoor);
  const { features } = document.data;
  features[1].geometry.coordinates[0] = features[1].geometry.coordinates[0].slice(0, 2);
  features[3].geometry.coordinates = 'nowhere';
  features[4].properties.level = '7';
  const read = importGeoJson([document], { name: 'plan', seed: 1 });
  expect(!read.ok && read.problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
    expect.stringMatching(/^features\[3\].geometry.coordinates: .*; write a feature of RFC 7946$/),
    'features[1]: needs at least 3 corners; write a Polygon',
    'features[4]: no level 7; there are 0',
  ]);
  expect(importGeoJson([{ file: 'x', data: {} }], { name: 'x', seed: 1 })).toMatchObject({ ok: false });
});

describe('a picture with a scale', () => {
  const { width, height, data } = PNG.sync.read(readFileSync(join(plans, 'three-rooms.png')));
  const site = importImage({ width, height, rgba: data }, { name: 'plan', seed: 1, metresPerPixel: 1 / 20 });
  const walls = site?.floors[0].walls ?? [];

  test('is a sound site of 24 m by 14 m with three rooms', () => {
    if (site === null) throw new Error('no walls');
    expect(checkSite(site)).toEqual([]);
    const [w, h] = sizeOf(site.floors[0].outline);
    expect(w).toBeGreaterThan(23.5);
    expect(w).toBeLessThanOrEqual(24);
    expect(h).toBeGreaterThan(13.5);
    expect(h).toBeLessThanOrEqual(14);
    expect(site.floors[0].rooms).toHaveLength(3);
  });

  test('has its walls, with the doors open, and the slanted one', () => {
    // Outside 2 · 24 + 2 · 14; inside 14 less a door, 10 less a door; slanted 5 · √2.
    const slanted = walls.filter(
      ({ from, to }) => Math.abs(to.x - from.x) > 1 && Math.abs(to.y - from.y) > 1,
    );
    expect(slanted.map(lengthOf)).toEqual([expect.closeTo(5 * Math.SQRT2, 0)]);
    const straight = walls
      .filter((wall) => !slanted.includes(wall))
      .reduce((sum, wall) => sum + lengthOf(wall), 0);
    expect(Math.abs(straight - (76 + 13 + 9))).toBeLessThan(2.5);
  });

  test('a picture without walls is none', () => {
    const blank = new Uint8Array(4 * 100 * 100).fill(255);
    expect(
      importImage({ width: 100, height: 100, rgba: blank }, { name: 'x', seed: 1, metresPerPixel: 0.1 }),
    ).toBeNull();
  });
});
