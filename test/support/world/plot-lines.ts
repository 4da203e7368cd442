/** Two lines on one pair of axes as SVG: what theory says (solid), and what was simulated (points). */
export interface LinePlot {
  title: string;
  xTitle: string;
  yTitle: string;
  theory: readonly (readonly [number, number])[];
  simulated: readonly (readonly [number, number])[];
  xRange: readonly [number, number];
  yRange: readonly [number, number];
}

const WIDTH = 420;
const HEIGHT = 240;
const EDGE = 48;

export function plotLines({ title, xTitle, yTitle, theory, simulated, xRange, yRange }: LinePlot): string {
  const x = (value: number) => (EDGE + (WIDTH * (value - xRange[0])) / (xRange[1] - xRange[0])).toFixed(1);
  const y = (value: number) =>
    (EDGE + HEIGHT * (1 - (value - yRange[0]) / (yRange[1] - yRange[0]))).toFixed(1);
  const shares = [0, 0.25, 0.5, 0.75, 1];
  const at = (range: readonly [number, number], share: number) =>
    Math.round((range[0] + (range[1] - range[0]) * share) * 100) / 100;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH + 2 * EDGE} ${HEIGHT + 2 * EDGE}" font-family="system-ui, sans-serif" font-size="11" fill="#22303f">`,
    `<title>${title}</title><rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="${EDGE}" y="24" font-size="14" font-weight="600">${title}</text>`,
    ...shares.map((share) => {
      const value = at(yRange, share);
      return `<path d="M${EDGE} ${y(value)}H${EDGE + WIDTH}" stroke="#d5dbe3" stroke-width="0.7"/><text x="${EDGE - 6}" y="${Number(y(value)) + 4}" text-anchor="end">${value}</text>`;
    }),
    ...shares.map((share) => {
      const value = at(xRange, share);
      return `<text x="${x(value)}" y="${HEIGHT + EDGE + 16}" text-anchor="middle">${value}</text>`;
    }),
    `<text x="${EDGE + WIDTH}" y="${HEIGHT + EDGE + 34}" text-anchor="end">${xTitle}</text>`,
    `<text x="${EDGE}" y="40">${yTitle}</text>`,
    `<path d="M${theory.map(([a, b]) => `${x(a)} ${y(b)}`).join('L')}" fill="none" stroke="#1f3352" stroke-width="2"/>`,
    ...simulated.map(([a, b]) => `<circle cx="${x(a)}" cy="${y(b)}" r="3" fill="#c8553d"/>`),
    '</svg>',
    '',
  ].join('\n');
}
