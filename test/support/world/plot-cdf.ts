/** Recorded beside simulated distributions as one SVG: a panel each, recorded solid, simulated dashed. */
export interface Panel {
  title: string;
  unit: string;
  recorded: readonly number[];
  simulated: readonly number[];
  range: readonly [number, number];
}

const WIDTH = 300;
const HEIGHT = 200;
const GAP = 46;
const POINTS = 160;

function path(values: readonly number[], [low, high]: readonly [number, number]): string {
  const sorted = [...values].sort((a, b) => a - b);
  let i = 0;
  const points = Array.from({ length: POINTS + 1 }, (_, step) => {
    const at = low + ((high - low) * step) / POINTS;
    while (i < sorted.length && sorted[i] <= at) i++;
    return `${((WIDTH * step) / POINTS).toFixed(1)} ${(HEIGHT * (1 - i / sorted.length)).toFixed(1)}`;
  });
  return `M${points.join('L')}`;
}

function panel({ title, unit, recorded, simulated, range }: Panel, x: number, y: number): string {
  const grid = [0, 0.5, 0.9, 1].map((p) => {
    const at = (HEIGHT * (1 - p)).toFixed(1);
    return `<path d="M0 ${at}H${WIDTH}" stroke="#d5dbe3" stroke-width="0.7"/><text x="-6" y="${Number(at) + 4}" text-anchor="end">${p}</text>`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const value = Math.round((range[0] + (range[1] - range[0]) * share) * 10) / 10;
    return `<text x="${WIDTH * share}" y="${HEIGHT + 15}" text-anchor="middle">${value}${share === 1 ? ` ${unit}` : ''}</text>`;
  });
  return [
    `<g transform="translate(${x} ${y})"><text x="0" y="-10" font-weight="600">${title}</text>`,
    ...grid,
    ...ticks,
    `<path d="${path(recorded, range)}" fill="none" stroke="#1f3352" stroke-width="2"/>`,
    `<path d="${path(simulated, range)}" fill="none" stroke="#c8553d" stroke-width="2" stroke-dasharray="5 3"/></g>`,
  ].join('\n');
}

export function plotCdfs(title: string, panels: readonly Panel[]): string {
  const columns = Math.min(3, panels.length);
  const rows = Math.ceil(panels.length / columns);
  const width = columns * (WIDTH + GAP) + GAP;
  const height = rows * (HEIGHT + 60) + 60;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="11" fill="#22303f">`,
    `<title>${title}</title><rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${GAP}" y="24" font-size="14" font-weight="600">${title}</text>`,
    `<text x="${width - GAP}" y="24" text-anchor="end"><tspan fill="#1f3352">recorded ——</tspan>  <tspan fill="#c8553d">simulated - - -</tspan></text>`,
    ...panels.map((p, i) =>
      panel(p, GAP + (i % columns) * (WIDTH + GAP), 62 + Math.floor(i / columns) * (HEIGHT + 60)),
    ),
    '</svg>',
    '',
  ].join('\n');
}
