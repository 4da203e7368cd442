/** A floor as a picture: rooms, walls, devices and wires, over a heat map of the strongest signal. */
import type { Coverage } from '../radio/coverage.ts';
import { boundingBox } from '../site/geometry.ts';
import type { Floor, Place, Point, Site } from '../site/model.ts';

const PIXELS_PER_M = 14;
const MARGIN = 34;
const WALL_COLOURS: Readonly<Record<string, string>> = {
  glass: '#7fb2d6',
  drywall: '#6b7684',
  wood: '#8a6f4d',
  brick: '#a2503f',
  concrete: '#2d3642',
  metal: '#111418',
};

/** dBm and colour, strongest first: what a voice call, data, and a bare association need. */
export const SIGNAL_STEPS: readonly { dbm: number; colour: string }[] = [
  { dbm: -50, colour: '#1a7f4b' },
  { dbm: -60, colour: '#5fb56a' },
  { dbm: -67, colour: '#c6dd72' },
  { dbm: -75, colour: '#f4d35e' },
  { dbm: -85, colour: '#ee964b' },
  { dbm: Number.NEGATIVE_INFINITY, colour: '#d1495b' },
];

export const signalColour = (dbm: number): string =>
  (SIGNAL_STEPS.find((step) => dbm >= step.dbm) ?? SIGNAL_STEPS[SIGNAL_STEPS.length - 1]).colour;

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

class FloorSvg {
  private readonly parts: string[] = [];
  private readonly west: number;
  private readonly north: number;
  readonly width: number;
  readonly height: number;

  constructor(floor: Floor) {
    const box = boundingBox(floor.outline);
    this.west = box.west;
    this.north = box.north;
    this.width = Math.ceil((box.east - box.west) * PIXELS_PER_M) + 2 * MARGIN;
    this.height = Math.ceil((box.north - box.south) * PIXELS_PER_M) + 2 * MARGIN;
  }

  x = (metres: number): string => ((metres - this.west) * PIXELS_PER_M + MARGIN).toFixed(1);
  y = (metres: number): string => ((this.north - metres) * PIXELS_PER_M + MARGIN).toFixed(1);

  add(part: string): void {
    this.parts.push(part);
  }

  line(from: Point, to: Point, style: string): void {
    this.add(`<path d="M${this.x(from.x)} ${this.y(from.y)}L${this.x(to.x)} ${this.y(to.y)}" ${style}/>`);
  }

  text(at: Point, dyPixels: number, text: string): void {
    const y = (Number(this.y(at.y)) + dyPixels).toFixed(1);
    this.add(`<text x="${this.x(at.x)}" y="${y}" text-anchor="middle">${escaped(text)}</text>`);
  }

  toString(title: string): string {
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${this.width} ${this.height + 26}" font-family="system-ui, sans-serif" font-size="11" fill="#22303f">`,
      `<title>${escaped(title)}</title>`,
      `<rect width="${this.width}" height="${this.height + 26}" fill="#ffffff"/>`,
      `<text x="${MARGIN}" y="20" font-size="14" font-weight="600">${escaped(title)}</text>`,
      ...this.parts,
      '</svg>',
      '',
    ].join('\n');
  }
}

/** Runs of cells of one colour become one rectangle, or the picture has tens of thousands. */
function drawHeat(svg: FloorSvg, heat: Coverage): void {
  const side = heat.cellM * PIXELS_PER_M;
  for (let row = 0; row < heat.rows; row++) {
    let start = 0;
    for (let column = 1; column <= heat.columns; column++) {
      const colour = signalColour(heat.dbm[row * heat.columns + start]);
      if (column < heat.columns && signalColour(heat.dbm[row * heat.columns + column]) === colour) continue;
      const x = svg.x(heat.west + start * heat.cellM);
      const y = svg.y(heat.south + (row + 1) * heat.cellM);
      const width = ((column - start) * side).toFixed(1);
      svg.add(
        `<rect x="${x}" y="${y}" width="${width}" height="${side}" fill="${colour}" fill-opacity="0.55"/>`,
      );
      start = column;
    }
  }
}

function drawLegend(svg: FloorSvg): void {
  SIGNAL_STEPS.forEach((step, i) => {
    const x = MARGIN + i * 96;
    const y = svg.height + 2;
    const next = SIGNAL_STEPS[i - 1];
    const label = step.dbm === Number.NEGATIVE_INFINITY ? `below ${next.dbm} dBm` : `≥ ${step.dbm} dBm`;
    svg.add(`<rect x="${x}" y="${y}" width="12" height="12" fill="${step.colour}" fill-opacity="0.55"/>`);
    svg.add(`<text x="${x + 17}" y="${y + 10}">${label}</text>`);
  });
}

/** One floor; `heat` may be null for the plan alone. */
export function drawFloor(site: Site, floorId: string, heat: Coverage | null): string {
  const floor = site.floors.find((candidate) => candidate.id === floorId)!;
  const svg = new FloorSvg(floor);
  if (heat) drawHeat(svg, heat);
  for (const wall of floor.walls) {
    const colour = WALL_COLOURS[wall.material] ?? '#6b7684';
    svg.line(
      wall.from,
      wall.to,
      `stroke="${colour}" stroke-width="${wall.material === 'concrete' ? 4 : 2.2}"`,
    );
  }
  const places = new Map<string, Place>([...site.accessPoints, ...site.switches].map((d) => [d.id, d.at]));
  for (const wire of site.wires) {
    const [a, b] = [places.get(wire.a.device), places.get(wire.b.device)];
    if (a?.floor === floorId && b?.floor === floorId) {
      svg.line(a, b, 'stroke="#3d5a98" stroke-width="0.9" stroke-dasharray="4 3" stroke-opacity="0.75"');
    }
  }
  for (const item of site.switches.filter((candidate) => candidate.at.floor === floorId)) {
    const [x, y] = [Number(svg.x(item.at.x)), Number(svg.y(item.at.y))];
    svg.add(`<rect x="${x - 6}" y="${y - 4}" width="12" height="8" fill="#3d5a98"/>`);
  }
  for (const ap of site.accessPoints.filter((candidate) => candidate.at.floor === floorId)) {
    svg.add(
      `<circle cx="${svg.x(ap.at.x)}" cy="${svg.y(ap.at.y)}" r="5.5" fill="#1f3352" stroke="#fff" stroke-width="1.5"/>`,
    );
    svg.text(ap.at, -10, ap.name);
  }
  if (heat) drawLegend(svg);
  return svg.toString(`${site.name}, floor ${floor.id}${heat ? `, ${heat.band} GHz` : ''}`);
}
