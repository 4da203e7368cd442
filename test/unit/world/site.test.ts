import { describe, expect, test } from 'vitest';
import { checkSite } from '../../../world/site/check.ts';
import { contains, rectangle, selfCrossing } from '../../../world/site/geometry.ts';
import { officeSite } from '../../../world/site/office.ts';
import { readPlan, writePlan } from '../../../world/site/plan-file.ts';

const paths = (site: Parameters<typeof checkSite>[0]) => checkSite(site).map((problem) => problem.path);

describe('a generated office', () => {
  test.each([1, 2, 77, 123_456])('of seed %d is sound', (seed) => {
    expect(checkSite(officeSite({ seed, floors: 3 }))).toEqual([]);
  });

  test('is the same for the same seed, and another for another', () => {
    expect(officeSite({ seed: 5 })).toEqual(officeSite({ seed: 5 }));
    expect(officeSite({ seed: 5 }).floors).not.toEqual(officeSite({ seed: 6 }).floors);
  });

  test('wires every access point, and every room has a door to the corridor', () => {
    const site = officeSite({ seed: 9, floors: 2 });
    const wired = new Set(site.wires.flatMap((wire) => [wire.a.device, wire.b.device]));
    expect(site.accessPoints.every((ap) => wired.has(ap.id))).toBe(true);
    const [floor] = site.floors;
    const along = (y: number) =>
      floor.walls
        .filter((wall) => wall.from.y === y && wall.to.y === y && wall.material !== 'concrete')
        .reduce((sum, wall) => sum + wall.to.x - wall.from.x, 0);
    const sides = [...new Set(floor.rooms[0].outline.map((corner) => corner.y))];
    for (const y of sides) {
      const rooms = floor.rooms.filter((room, i) => i > 0 && room.outline.some((corner) => corner.y === y));
      expect(along(y)).toBeCloseTo(60 - 0.9 * rooms.length, 6);
    }
  });
});

describe('checking a site', () => {
  const office = () => officeSite({ seed: 3 });

  test('lists all that is wrong at once, with its place', () => {
    const site = office();
    site.accessPoints[0].at = { floor: 'f0', x: -5, y: 3, z: 2 };
    site.accessPoints[1].id = site.accessPoints[0].id;
    site.accessPoints[2].radios[0].powerDbm = -3;
    site.accessPoints[3].at.x = Number.NaN;
    site.floors[0].walls[4].material = 'paper';
    site.floors[0].rooms[1].outline = rectangle(2, 2, 2, 9);
    site.floors[0].rooms[2].outline = [
      { x: 0, y: 0 },
      { x: 4, y: 4 },
      { x: 4, y: 0 },
      { x: 0, y: 4 },
    ];
    expect(paths(site)).toEqual([
      'accessPoints[1].id',
      'floors[0].rooms[1].outline',
      'floors[0].rooms[2].outline',
      'floors[0].walls[4].material',
      'accessPoints[0].at',
      'accessPoints[2].radios[0].powerDbm',
      'accessPoints[3].at',
      expect.stringMatching(/^wires/),
    ]);
  });

  test('a ring of wires is a mistake unless it is meant', () => {
    const ring = (redundant: boolean) => {
      const site = office();
      site.wires.push({
        id: 'second',
        a: { device: 'core', port: 'ge-0/0/1' },
        b: { device: 'sw-f0', port: 'ge-0/0/9' },
        redundant,
      });
      return paths(site);
    };
    expect(ring(false)).toEqual([`wires[${office().wires.length}]`]);
    expect(ring(true)).toEqual([]);
  });
});

describe('geometry', () => {
  test('inside, outside, and outlines that cross themselves', () => {
    const square = rectangle(0, 0, 2, 2);
    expect([
      contains(square, { x: 1, y: 1 }),
      contains(square, { x: 3, y: 1 }),
      contains(square, { x: Number.NaN, y: 1 }),
    ]).toEqual([true, false, false]);
    expect(selfCrossing(square)).toBeNull();
    expect(selfCrossing([square[0], square[2], square[1], square[3]])).toEqual([0, 2]);
  });
});

describe('a site in a file', () => {
  const text = writePlan(officeSite({ seed: 3 }));

  test('comes back as it was', () => {
    expect(readPlan(text)).toEqual({ ok: true, site: officeSite({ seed: 3 }) });
  });

  test('all problems are listed with their lines', () => {
    const lines = text.split('\n');
    const change = (pattern: RegExp, replacement: string) => {
      const at = lines.findIndex((line) => pattern.test(line));
      lines[at] = lines[at].replace(pattern, replacement);
      return at + 1;
    };
    const height = change(/heightM: 3/, 'heightM: high');
    const unknownKey = change(/material: drywall/, 'material: drywall\n        thickness: 3') + 1;
    const gain = change(/antennaGainDb: 3/, 'antennaGainDb: .nan') + 1;
    const band = change(/band: "2.4"/, 'band: "7"') + 1;
    const result = readPlan(lines.join('\n'));
    expect(!result.ok && result.problems.map((problem) => problem.line)).toEqual([
      height,
      unknownKey,
      gain,
      band,
    ]);
  });

  test('what is outside its floor is named with its line', () => {
    const moved = text.replace('x: 7.5', 'x: -7.5');
    const line = text.split('\n').findIndex((candidate) => candidate.includes('x: 7.5')) + 1;
    const result = readPlan(moved);
    expect(!result.ok && result.problems).toEqual([
      {
        path: 'accessPoints[0].at',
        line: line - 1,
        message: '(-7.5, 6) is outside floor f0; write a place inside its walls, x 0 to 60, y 0 to 24',
      },
    ]);
  });

  test('what is no YAML, and what is no site, says so', () => {
    expect(readPlan('a: [1')).toMatchObject({ ok: false, problems: [{ line: 1 }] });
    expect(readPlan('just text')).toMatchObject({ ok: false });
  });
});
