import { describe, expect, test } from 'vitest';
import { crosses, rectangle } from '../../../world/site/geometry.ts';
import type { Floor, Point } from '../../../world/site/model.ts';
import { officeSite } from '../../../world/site/office.ts';
import { Routes } from '../../../world/site/routes.ts';

const length = (way: readonly Point[]): number =>
  way.slice(1).reduce((sum, p, i) => sum + Math.hypot(p.x - way[i].x, p.y - way[i].y), 0);

describe('ways on a floor', () => {
  const [floor] = officeSite({ seed: 11 }).floors;
  const routes = new Routes(floor);

  test('lead from every room to every other without crossing a wall', () => {
    for (let from = 0; from < floor.rooms.length; from++) {
      for (let to = 0; to < floor.rooms.length; to++) {
        const way = routes.between(routes.anchors[from], from, routes.anchors[to], to);
        for (let i = 1; i < way.length; i++) {
          const hit = floor.walls.find((wall) => crosses(wall.from, wall.to, way[i - 1], way[i]));
          expect(hit, `${floor.rooms[from].id} to ${floor.rooms[to].id}`).toBeUndefined();
        }
      }
    }
  });

  test('through a door are about as long as the way with a ruler', () => {
    // Two rooms, 10 m × 10 m each, and a door at the north end of the wall between them.
    const hall: Floor = {
      id: 'f0',
      level: 0,
      heightM: 3,
      outline: rectangle(0, 0, 20, 10),
      walls: [{ from: { x: 10, y: 0 }, to: { x: 10, y: 9 }, material: 'brick' }],
      rooms: [
        { id: 'west', kind: 'office', outline: rectangle(0, 0, 10, 10), seats: 1 },
        { id: 'east', kind: 'office', outline: rectangle(10, 0, 20, 10), seats: 1 },
      ],
    };
    const way = new Routes(hall).between({ x: 1, y: 1 }, 0, { x: 19, y: 1 }, 1);
    const shortest = 2 * Math.hypot(9, 8);
    expect(length(way)).toBeGreaterThanOrEqual(shortest);
    expect(length(way)).toBeLessThan(shortest * 1.06);
  });

  test('are straight where no door leads', () => {
    const closed: Floor = {
      ...floor,
      walls: [{ from: { x: 30, y: 0 }, to: { x: 30, y: 24 }, material: 'brick' }],
    };
    const way = new Routes(closed).between({ x: 5, y: 5 }, 1, { x: 55, y: 5 }, floor.rooms.length - 1);
    expect(way).toEqual([
      { x: 5, y: 5 },
      { x: 55, y: 5 },
    ]);
  });
});
