/** Pictures of a floor: what is on the plan is in them, where it is. */
import { execFileSync } from 'node:child_process';
import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';
import { writePng } from '../../../cli/commands/world/png.ts';
import type { Picture } from '../../../world/draw/canvas.ts';
import { sheetOf } from '../../../world/draw/floor.ts';
import { pictureRaster } from '../../../world/draw/raster.ts';
import { clientsAt, troublesOf } from '../../../world/draw/scene.ts';
import { pictureSvg } from '../../../world/draw/svg.ts';
import { pictureText } from '../../../world/draw/terminal.ts';
import { UNDISTURBED } from '../../../world/happenings/conditions.ts';
import { coverage } from '../../../world/radio/coverage.ts';
import { officeSite } from '../../../world/site/office.ts';
import { BEINGS, castOf, START_MS } from '../../support/world-cast.ts';

const site = officeSite({ seed: 3, floors: 3 });
const conditions = {
  ...UNDISTURBED,
  accessPointsDown: ['ap2'],
  dns: { answer: 'normal' as const, delayMs: 2000 },
};
const picture: Picture = {
  site,
  floor: 'f0',
  heat: coverage(site, 'f0', '5', 1),
  clients: clientsAt(castOf(), 'f0', START_MS),
  troubles: troublesOf(conditions),
  time: '2026-01-05T09:00Z',
};
const here = site.accessPoints.filter(({ at }) => at.floor === 'f0');

test('who is there, and what is wrong', () => {
  expect(picture.clients).toHaveLength(BEINGS.length);
  expect(picture.troubles.map(({ text }) => text)).toEqual(['access points down: ap2', 'DNS: 2000 ms late']);
  expect(clientsAt(castOf(), 'f0', START_MS - 1)).toEqual([]);
});

test('SVG: well formed, every access point and wall of the floor, people, troubles, heat', () => {
  const svg = pictureSvg(picture);
  execFileSync('xmllint', ['--noout', '-'], { input: svg });
  for (const { name } of here) expect(svg).toContain(`>${name}</text>`);
  const walls = svg.match(/<path [^>]*stroke="#(7fb2d6|6b7684|2d3642)"/g);
  expect(walls).toHaveLength(site.floors[0].walls.length);
  expect(svg).toContain('>access points down: ap2</text>');
  expect(svg.match(/<rect [^>]*fill-opacity/g)?.length).toBeGreaterThan(50);
  const alone = pictureSvg({ ...picture, heat: null, clients: [], troubles: [] });
  expect(alone).not.toContain('fill-opacity');
});

test('the heat map is of the radios that are not down', () => {
  const heat = (band: '2.4' | '5') =>
    coverage(site, 'f0', band, 2, {
      accessPointsDown: ['ap2'],
      radiosDown: [{ accessPoint: 'ap3', band: '5' }],
    });
  const without = (...ids: string[]) => ({
    ...site,
    accessPoints: site.accessPoints.map((ap) =>
      ids.includes(ap.id) ? { ...ap, radios: ap.radios.map((radio) => ({ ...radio, powerDbm: -200 })) } : ap,
    ),
  });
  expect(heat('5').dbm).toEqual(coverage(without('ap2', 'ap3'), 'f0', '5', 2).dbm);
  expect(heat('2.4').dbm).toEqual(coverage(without('ap2'), 'f0', '2.4', 2).dbm);
  expect(heat('5').dbm).not.toEqual(coverage(site, 'f0', '5', 2).dbm);
});

describe('PNG', () => {
  const { width, height, data } = PNG.sync.read(writePng(pictureRaster(picture)));
  const sheet = sheetOf(picture);
  const pixel = (x: number, y: number): string =>
    `#${data.subarray(4 * (y * width + x), 4 * (y * width + x) + 3).toString('hex')}`;

  test('is twice the size of the SVG, with the access points and the crossed-out one where they stand', () => {
    expect([width, height]).toEqual([2 * sheet.width, 2 * sheet.height]);
    for (const { id, at } of here) {
      const { x, y } = sheet.at(at);
      expect(pixel(Math.round(2 * x), Math.round(2 * y)), id).toBe(id === 'ap2' ? '#c1121f' : '#1f3352');
    }
  });

  test('has walls where the plan has them', () => {
    const outer = site.floors[0].walls.find(({ material }) => material === 'concrete');
    if (outer === undefined) throw new Error('no outer wall');
    const middle = { x: (outer.from.x + outer.to.x) / 2, y: (outer.from.y + outer.to.y) / 2 };
    const { x, y } = sheet.at(middle);
    expect(pixel(Math.round(2 * x), Math.round(2 * y))).toBe('#2d3642');
  });
});

test('terminal: access points, the broken one, walls, wires and people, within the width', () => {
  const lines = pictureText(picture, 100);
  const all = lines.join('\n');
  expect(Math.max(...lines.slice(0, -4).map((line) => line.length))).toBeLessThanOrEqual(100);
  const plan = lines
    .slice(
      0,
      lines.findIndex((line) => line.includes('access point  S switch')),
    )
    .join('\n');
  expect(plan.match(/A/g)).toHaveLength(here.length - 1);
  expect(plan.match(/✗/g)).toHaveLength(1);
  for (const sign of ['│', '─', '∙', 'c', 'S']) expect(plan).toContain(sign);
  expect(all).toContain('! access points down: ap2');
});
