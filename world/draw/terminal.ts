/** A floor in a terminal: cells twice as high as wide, shaded by signal, with walls, devices, wires and people. */
import { boundingBox, contains } from '../site/geometry.ts';
import type { Place, Point } from '../site/model.ts';
import type { Picture } from './canvas.ts';

/** Shades by mean signal, dBm, strongest first. */
const SHADES: readonly [number, string][] = [
  [-50, '█'],
  [-60, '▓'],
  [-67, '▒'],
  [-75, '░'],
  [Number.NEGATIVE_INFINITY, '·'],
];

/** Lines of the plan of one floor, no wider than `columns` cells, and of what its signs mean. */
export function pictureText(picture: Picture, columns: number): string[] {
  const { site, floor: id, heat, clients, troubles } = picture;
  const floor = site.floors.find((candidate) => candidate.id === id);
  if (floor === undefined) throw new RangeError(`no floor ${id}`);
  const box = boundingBox(floor.outline);
  const cellM = (box.east - box.west) / columns;
  const rows = Math.max(1, Math.round((box.north - box.south) / (2 * cellM)));
  const cells = Array.from({ length: rows }, () => Array<string>(columns).fill(' '));
  const cellOf = ({ x, y }: Point) => ({
    column: Math.min(columns - 1, Math.max(0, Math.floor((x - box.west) / cellM))),
    row: Math.min(rows - 1, Math.max(0, Math.floor((box.north - y) / (2 * cellM)))),
  });
  const mark = (at: Point, sign: string | ((before: string) => string)) => {
    const { column, row } = cellOf(at);
    cells[row][column] = typeof sign === 'string' ? sign : sign(cells[row][column]);
  };
  /** Every cell that a line passes. */
  const trace = (from: Point, to: Point, sign: string | ((before: string) => string)) => {
    const steps = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / (cellM / 2)));
    for (let i = 0; i <= steps; i++) {
      mark({ x: from.x + ((to.x - from.x) * i) / steps, y: from.y + ((to.y - from.y) * i) / steps }, sign);
    }
  };
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = { x: box.west + (column + 0.5) * cellM, y: box.north - (row + 0.5) * 2 * cellM };
      if (heat === null || !contains(floor.outline, at)) continue;
      const c = Math.min(heat.columns - 1, Math.floor((at.x - heat.west) / heat.cellM));
      const r = Math.min(heat.rows - 1, Math.floor((at.y - heat.south) / heat.cellM));
      const dbm = heat.dbm[r * heat.columns + c];
      cells[row][column] = SHADES.find(([least]) => dbm >= least)?.[1] ?? ' ';
    }
  }
  for (const { from, to } of floor.walls) {
    const isUpright = Math.abs(to.y - from.y) > Math.abs(to.x - from.x);
    const [own, other] = isUpright ? ['│', '─'] : ['─', '│'];
    trace(from, to, (before) => (before === other || before === '┼' ? '┼' : own));
  }
  const places = new Map<string, Place>([...site.accessPoints, ...site.switches].map((d) => [d.id, d.at]));
  for (const { a, b } of site.wires) {
    const [from, to] = [places.get(a.device), places.get(b.device)];
    // Every other cell of a wire leaves the signal below it to be seen.
    let step = 0;
    if (from?.floor === id && to?.floor === id)
      trace(from, to, (before) => (++step % 4 === 0 ? '∙' : before));
  }
  const broken = new Set(troubles.flatMap(({ devices }) => devices));
  for (const client of clients) mark(client, client.kind === 'phone' || client.kind === 'tablet' ? 'p' : 'c');
  for (const { at } of troubles) for (const spot of at) if (spot.floor === id) mark(spot, '!');
  for (const item of site.switches) if (item.at.floor === id) mark(item.at, broken.has(item.id) ? '✗' : 'S');
  for (const ap of site.accessPoints) if (ap.at.floor === id) mark(ap.at, broken.has(ap.id) ? '✗' : 'A');
  const signal =
    heat === null ? '' : `█ ≥ -50  ▓ ≥ -60  ▒ ≥ -67  ░ ≥ -75  · below (dBm, ${heat.band} GHz)   `;
  const people = clients.length > 0 ? '  p phone  c other client' : '';
  return [
    ...cells.map((row) => row.join('').trimEnd()),
    `${signal}A access point  S switch  ∙ wire${people}`,
    ...troubles.map(({ text }) => `! ${text}`),
  ];
}
