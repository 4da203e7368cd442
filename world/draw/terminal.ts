/** A floor in a terminal: two columns a metre, a row two metres; letters for what stands there. */
import type { Coverage } from '../radio/coverage.ts';
import { boundingBox, contains } from '../site/geometry.ts';
import type { Site } from '../site/model.ts';

/** Shades by mean signal, dBm, strongest first. */
const SHADES: readonly [number, string][] = [
  [-50, '█'],
  [-60, '▓'],
  [-67, '▒'],
  [-75, '░'],
  [Number.NEGATIVE_INFINITY, '·'],
];

/** Lines of the plan of one floor, no wider than `columns` cells. `A` is an access point, `S` a switch. */
export function drawFloorText(site: Site, floorId: string, heat: Coverage, columns: number): string[] {
  const floor = site.floors.find((candidate) => candidate.id === floorId)!;
  const box = boundingBox(floor.outline);
  const cellM = (box.east - box.west) / columns;
  const rows = Math.max(1, Math.round((box.north - box.south) / (2 * cellM)));
  const marks = new Map<string, string>();
  const mark = (x: number, y: number, letter: string) => {
    const row = Math.floor((box.north - y) / (2 * cellM));
    marks.set(`${Math.floor((x - box.west) / cellM)} ${row}`, letter);
  };
  for (const item of site.switches) if (item.at.floor === floorId) mark(item.at.x, item.at.y, 'S');
  for (const ap of site.accessPoints) if (ap.at.floor === floorId) mark(ap.at.x, ap.at.y, 'A');
  const shade = (x: number, y: number): string => {
    if (!contains(floor.outline, { x, y })) return ' ';
    const column = Math.min(heat.columns - 1, Math.floor((x - heat.west) / heat.cellM));
    const row = Math.min(heat.rows - 1, Math.floor((y - heat.south) / heat.cellM));
    const dbm = heat.dbm[row * heat.columns + column];
    return SHADES.find(([least]) => dbm >= least)![1];
  };
  const lines = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (__, column) => {
      const x = box.west + (column + 0.5) * cellM;
      const y = box.north - (row + 0.5) * 2 * cellM;
      return marks.get(`${column} ${row}`) ?? shade(x, y);
    }).join(''),
  );
  const legend = '█ ≥ -50  ▓ ≥ -60  ▒ ≥ -67  ░ ≥ -75  · below (dBm)   A access point  S switch';
  return [...lines, legend];
}
