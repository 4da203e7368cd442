/** A floor as a picture: rooms, walls, devices, wires, people and troubles, over a heat map of the strongest signal. */
import type { Coverage } from '../radio/coverage.ts';
import { boundingBox } from '../site/geometry.ts';
import type { Floor, Place, Point } from '../site/model.ts';
import { isStackPort, Switching } from '../site/switching.ts';
import { type Canvas, type Picture, SIGNAL_STEPS, signalColour } from './canvas.ts';

const WIDEST_PIXELS = 1800;
const LARGEST_SCALE = 14;
const MARGIN = 34;
const LINE_PIXELS = 18;
const HEAT_OPACITY = 0.55;
const TROUBLE = '#c1121f';
const WIRE = '#3d5a98';
const WALL_COLOURS: Readonly<Record<string, string>> = {
  glass: '#7fb2d6',
  drywall: '#6b7684',
  wood: '#8a6f4d',
  brick: '#a2503f',
  concrete: '#2d3642',
  metal: '#111418',
};
const CLIENT_COLOURS: Readonly<Record<string, string>> = {
  phone: '#7b2cbf',
  tablet: '#7b2cbf',
  laptop: '#1d6fd1',
  tag: '#e07a00',
  wearable: '#e07a00',
};
const THING_COLOUR = '#50575f';

/** Pixels of a floor's picture. */
export class Sheet {
  readonly width: number;
  readonly planHeight: number;
  readonly height: number;
  readonly scale: number;
  private readonly west: number;
  private readonly north: number;

  constructor(floor: Floor, lines: number) {
    const box = boundingBox(floor.outline);
    this.west = box.west;
    this.north = box.north;
    const [widthM, depthM] = [box.east - box.west, box.north - box.south];
    this.scale = Math.min(LARGEST_SCALE, (WIDEST_PIXELS - 2 * MARGIN) / Math.max(widthM, depthM));
    this.width = Math.max(640, Math.ceil(widthM * this.scale) + 2 * MARGIN);
    this.planHeight = Math.ceil(depthM * this.scale) + 2 * MARGIN;
    this.height = this.planHeight + LINE_PIXELS * lines + 10;
  }

  at = ({ x, y }: Point): Point => ({
    x: (x - this.west) * this.scale + MARGIN,
    y: (this.north - y) * this.scale + MARGIN,
  });
}

/** Lines below the plan: what colours mean, who is there, what is wrong. */
const linesOf = ({ heat, clients, troubles }: Picture): number =>
  (heat ? 1 : 0) + (clients.length > 0 ? 1 : 0) + troubles.length;

export function sheetOf(picture: Picture): Sheet {
  return new Sheet(floorOf(picture), linesOf(picture));
}

const floorOf = ({ site, floor: id }: Picture): Floor => {
  const floor = site.floors.find((candidate) => candidate.id === id);
  if (floor === undefined) throw new RangeError(`no floor ${id}`);
  return floor;
};

export const titleOf = ({ site, floor, heat, time }: Picture): string =>
  [`${site.name}, floor ${floor}`, heat ? `${heat.band} GHz` : '', time ?? ''].filter(Boolean).join(', ');

export function drawPicture(canvas: Canvas, picture: Picture, sheet: Sheet): void {
  const { heat, clients } = picture;
  const floor = floorOf(picture);
  canvas.rect(0, 0, sheet.width, sheet.height, '#ffffff');
  if (heat) drawHeat(canvas, sheet, heat);
  for (const { from, to, material } of floor.walls) {
    const colour = WALL_COLOURS[material] ?? WALL_COLOURS.drywall;
    const thickness = material === 'concrete' ? 0.28 : 0.16;
    canvas.line(sheet.at(from), sheet.at(to), { colour, width: Math.max(1, thickness * sheet.scale) });
  }
  drawWires(canvas, sheet, picture);
  for (const client of clients) {
    canvas.circle(sheet.at(client), 3.2, CLIENT_COLOURS[client.kind] ?? THING_COLOUR, { stroke: '#ffffff' });
  }
  drawDevices(canvas, sheet, picture);
  canvas.text({ x: MARGIN, y: 21 }, titleOf(picture), { size: 14, bold: true });
  drawLegend(canvas, sheet, picture);
}

/** Runs of cells of one colour become one rectangle, or the picture has tens of thousands. */
function drawHeat(canvas: Canvas, sheet: Sheet, heat: Coverage): void {
  const side = heat.cellM * sheet.scale;
  for (let row = 0; row < heat.rows; row++) {
    let start = 0;
    for (let column = 1; column <= heat.columns; column++) {
      const colour = signalColour(heat.dbm[row * heat.columns + start]);
      if (column < heat.columns && signalColour(heat.dbm[row * heat.columns + column]) === colour) continue;
      const corner = { x: heat.west + start * heat.cellM, y: heat.south + (row + 1) * heat.cellM };
      const { x, y } = sheet.at(corner);
      canvas.rect(x, y, (column - start) * side, side, colour, HEAT_OPACITY);
      start = column;
    }
  }
}

/** Blocked by spanning tree: dashed; broken: red. */
function drawWires(canvas: Canvas, sheet: Sheet, { site, floor, troubles }: Picture): void {
  const places = new Map<string, Place>([...site.accessPoints, ...site.switches].map((d) => [d.id, d.at]));
  const switching = new Switching(site);
  const broken = new Set(troubles.flatMap(({ devices }) => devices));
  for (const { a, b } of site.wires) {
    const [from, to] = [places.get(a.device), places.get(b.device)];
    if (from?.floor !== floor || to?.floor !== floor) continue;
    const ends = [a, b].map(({ device, port }) => `${device} ${port}`);
    const isBroken = ends.some((end) => broken.has(end));
    const isBlocked =
      !isStackPort(a.port) && (!switching.forwards(a) || !switching.forwards(b)) && site.switches.length > 1;
    canvas.line(sheet.at(from), sheet.at(to), {
      colour: isBroken ? TROUBLE : WIRE,
      width: isBroken ? 2 : 1,
      dashed: isBlocked,
      opacity: 0.75,
    });
  }
}

function drawDevices(canvas: Canvas, sheet: Sheet, { site, floor, troubles }: Picture): void {
  const broken = new Set(troubles.flatMap(({ devices }) => devices));
  const cross = (at: Point) => {
    for (const side of [-1, 1]) {
      const [from, to] = [
        { x: at.x - 8, y: at.y - 8 * side },
        { x: at.x + 8, y: at.y + 8 * side },
      ];
      canvas.line(from, to, { colour: TROUBLE, width: 3 });
    }
  };
  for (const { id, at } of site.switches) {
    if (at.floor !== floor) continue;
    const place = sheet.at(at);
    canvas.rect(place.x - 8, place.y - 5, 16, 10, '#ffffff');
    canvas.rect(place.x - 7, place.y - 4, 14, 8, WIRE);
    if (broken.has(id)) cross(place);
  }
  for (const { id, name, at } of site.accessPoints) {
    if (at.floor !== floor) continue;
    const place = sheet.at(at);
    canvas.circle(place, 6, '#1f3352', { stroke: '#ffffff' });
    canvas.text({ x: place.x, y: place.y - 11 }, name, { centred: true });
    if (broken.has(id)) cross(place);
  }
  for (const { at } of troubles) {
    for (const spot of at) {
      if (spot.floor !== floor) continue;
      canvas.circle(sheet.at(spot), 16, TROUBLE, { opacity: 0.3 });
      canvas.circle(sheet.at(spot), 5, TROUBLE, { stroke: '#ffffff' });
    }
  }
}

function drawLegend(canvas: Canvas, sheet: Sheet, { heat, clients, troubles }: Picture): void {
  let y = sheet.planHeight + 4;
  if (heat) {
    SIGNAL_STEPS.forEach(({ dbm, colour }, i) => {
      const x = MARGIN + i * 98;
      const label = Number.isFinite(dbm) ? `≥ ${dbm} dBm` : `below ${SIGNAL_STEPS[i - 1].dbm} dBm`;
      canvas.rect(x, y, 12, 12, colour, HEAT_OPACITY);
      canvas.text({ x: x + 17, y: y + 10 }, label);
    });
    y += LINE_PIXELS;
  }
  if (clients.length > 0) {
    const groups = [
      { label: 'phones, tablets', colour: CLIENT_COLOURS.phone },
      { label: 'laptops', colour: CLIENT_COLOURS.laptop },
      { label: 'tags, wearables', colour: CLIENT_COLOURS.tag },
      { label: 'other things', colour: THING_COLOUR },
    ];
    groups.forEach(({ label, colour }, i) => {
      const count = clients.filter(({ kind }) => (CLIENT_COLOURS[kind] ?? THING_COLOUR) === colour).length;
      const x = MARGIN + i * 147;
      canvas.circle({ x: x + 6, y: y + 6 }, 4, colour);
      canvas.text({ x: x + 17, y: y + 10 }, `${count} ${label}`);
    });
    y += LINE_PIXELS;
  }
  for (const { text } of troubles) {
    canvas.circle({ x: MARGIN + 6, y: y + 6 }, 5, TROUBLE);
    canvas.text({ x: MARGIN + 17, y: y + 10 }, text, { colour: TROUBLE });
    y += LINE_PIXELS;
  }
}
