/** SVG pictures of numbers, complete in themselves: no script, no font, nothing fetched. */

const [WIDTH, HEIGHT] = [640, 180];
const PAD = { left: 56, right: 12, top: 10, bottom: 26 };
const INNER = { width: WIDTH - PAD.left - PAD.right, height: HEIGHT - PAD.top - PAD.bottom };

export interface Series {
  name: string;
  /** Class of the page's style sheet. */
  className: string;
  points: readonly (readonly [x: number, y: number])[];
}

const fixed = (value: number): string => value.toFixed(1);

/** At most `most` round values from 0 to `max`. */
function ticks(max: number, most = 4): number[] {
  if (max <= 0) return [0];
  const rough = max / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  return Array.from({ length: Math.floor(max / step) + 1 }, (_, i) => i * step);
}

export function short(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(3)));
}

function frame(title: string, body: string, yMax: number): string {
  const lines = ticks(yMax).map((value) => {
    const y = fixed(PAD.top + INNER.height * (1 - value / Math.max(yMax, 1e-9)));
    return (
      `<line class="grid" x1="${PAD.left}" x2="${WIDTH - PAD.right}" y1="${y}" y2="${y}"/>` +
      `<text class="axis" x="${PAD.left - 6}" y="${y}" dy="4" text-anchor="end">${short(value)}</text>`
    );
  });
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">${lines.join('')}${body}</svg>`;
}

const xLabel = (x: number, text: string, anchor = 'middle'): string =>
  `<text class="axis" x="${fixed(x)}" y="${HEIGHT - 8}" text-anchor="${anchor}">${text}</text>`;

/** Lines over time; x in seconds from 0. */
export function timeChart(title: string, series: readonly Series[]): string {
  const points = series.flatMap((one) => one.points);
  const xMax = Math.max(1e-9, ...points.map(([x]) => x));
  const yMax = Math.max(1, ...points.map(([, y]) => y)) * 1.05;
  const x = (value: number) => PAD.left + (value / xMax) * INNER.width;
  const y = (value: number) => PAD.top + INNER.height * (1 - value / yMax);
  const lines = series.map(
    ({ className, points: own }) =>
      `<polyline class="line ${className}" points="${own.map((point) => `${fixed(x(point[0]))},${fixed(y(point[1]))}`).join(' ')}"/>`,
  );
  const labels = ticks(xMax, 8).map((value) => xLabel(x(value), `${short(value)} s`));
  return frame(title, lines.join('') + labels.join(''), yMax);
}

/** Value in milliseconds and how many values are up to it, ascending. */
export type Cumulative = readonly (readonly [valueMs: number, count: number])[];

/** A bar each for equal ratios: a tenth of a millisecond and a minute have room beside each other. */
const BARS_PER_DECADE = 10;

/** Bars over logarithmic time, with lines at the percentiles that are given. */
export function latencyChart(
  title: string,
  distribution: Cumulative,
  marks: readonly { name: string; ms: number }[],
): string {
  const known = distribution.filter(([, count], i) => count > (distribution[i - 1]?.[1] ?? 0));
  if (known.length === 0) return '';
  const bin = (ms: number) => Math.floor(Math.log10(Math.max(ms, 0.001)) * BARS_PER_DECADE);
  const bars = new Map<number, number>();
  let before = 0;
  for (const [ms, count] of known) {
    bars.set(bin(ms), (bars.get(bin(ms)) ?? 0) + count - before);
    before = count;
  }
  const [low, high] = [Math.min(...bars.keys()) - 1, Math.max(...bars.keys()) + 2];
  // Room above the bars for the names of the marks.
  const yMax = Math.max(...bars.values()) * 1.4;
  const x = (position: number) => PAD.left + ((position - low) / (high - low)) * INNER.width;
  const width = INNER.width / (high - low);
  const rects = [...bars].map(([at, count]) => {
    const height = (count / yMax) * INNER.height;
    const top = PAD.top + INNER.height - height;
    return `<rect class="bar" x="${fixed(x(at) + 0.5)}" y="${fixed(top)}" width="${fixed(Math.max(1, width - 1))}" height="${fixed(height)}"><title>${count} around ${milliseconds(10 ** (at / BARS_PER_DECADE))}</title></rect>`;
  });
  const lines = marks.map(({ name, ms }, i) => {
    const at = fixed(x(Math.log10(Math.max(ms, 0.001)) * BARS_PER_DECADE));
    return (
      `<line class="mark" x1="${at}" x2="${at}" y1="${PAD.top}" y2="${PAD.top + INNER.height}"/>` +
      `<text class="axis" x="${at}" y="${PAD.top + 10 + 12 * i}" dx="-4" text-anchor="end">${name} ${milliseconds(ms)}</text>`
    );
  });
  const decades: string[] = [];
  for (let decade = Math.ceil(low / BARS_PER_DECADE); decade * BARS_PER_DECADE <= high; decade++) {
    decades.push(xLabel(x(decade * BARS_PER_DECADE), milliseconds(10 ** decade)));
  }
  return frame(title, rects.join('') + lines.join('') + decades.join(''), yMax);
}

export function milliseconds(ms: number): string {
  if (ms >= 1000) return `${Number((ms / 1000).toPrecision(3))} s`;
  if (ms >= 1) return `${Number(ms.toPrecision(3))} ms`;
  return `${Number((ms * 1000).toPrecision(3))} µs`;
}
