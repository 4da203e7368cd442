/** The same picture in pixels, twice as many as the SVG has, edges smoothed. */
import type { PlanImage } from '../site/import/image-plan.ts';
import type { Point } from '../site/model.ts';
import type { Canvas, CircleStyle, LineStyle, Picture, TextStyle } from './canvas.ts';
import { drawPicture, sheetOf } from './floor.ts';
import { ADVANCE, GLYPH_HEIGHT, glyph } from './font.ts';

const ZOOM = 2;
const INK = '#22303f';
const DASH = { on: 4, period: 7 };

class RasterCanvas implements Canvas {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;

  constructor(width: number, height: number) {
    this.width = Math.round(width * ZOOM);
    this.height = Math.round(height * ZOOM);
    this.rgba = new Uint8Array(this.width * this.height * 4).fill(255);
  }

  private blend(x: number, y: number, colour: readonly number[], alpha: number): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height || alpha <= 0) return;
    const i = 4 * (y * this.width + x);
    for (let c = 0; c < 3; c++) this.rgba[i + c] += Math.round((colour[c] - this.rgba[i + c]) * alpha);
  }

  rect(x: number, y: number, width: number, height: number, fill: string, opacity = 1): void {
    const colour = parse(fill);
    const [left, right] = [Math.round(x * ZOOM), Math.round((x + width) * ZOOM)];
    const [top, bottom] = [Math.round(y * ZOOM), Math.round((y + height) * ZOOM)];
    for (let py = top; py < bottom; py++)
      for (let px = left; px < right; px++) this.blend(px, py, colour, opacity);
  }

  line(from: Point, to: Point, { colour, width, dashed = false, opacity = 1 }: LineStyle): void {
    const ink = parse(colour);
    const half = Math.max(0.5, (width * ZOOM) / 2);
    const [ax, ay, bx, by] = [from.x * ZOOM, from.y * ZOOM, to.x * ZOOM, to.y * ZOOM];
    const length = Math.hypot(bx - ax, by - ay);
    const [ux, uy] = length > 0 ? [(bx - ax) / length, (by - ay) / length] : [1, 0];
    // Row by row, only where the line is: a long slanted one has a large box.
    for (let py = Math.floor(Math.min(ay, by) - half - 1); py <= Math.max(ay, by) + half + 1; py++) {
      const near = Math.abs(uy) < 1e-9 ? null : ax + ((py + 0.5 - ay) / uy) * ux;
      const reach = Math.abs(uy) < 1e-9 ? 0 : (half + 1.5) / Math.abs(uy);
      const low = Math.max(Math.min(ax, bx) - half - 1, near === null ? -Infinity : near - reach);
      const high = Math.min(Math.max(ax, bx) + half + 1, near === null ? Infinity : near + reach);
      for (let px = Math.floor(low); px <= high; px++) {
        const [dx, dy] = [px + 0.5 - ax, py + 0.5 - ay];
        const along = Math.min(length, Math.max(0, dx * ux + dy * uy));
        if (dashed && (along / ZOOM) % DASH.period > DASH.on) continue;
        const away = Math.hypot(dx - along * ux, dy - along * uy);
        this.blend(px, py, ink, opacity * Math.min(1, Math.max(0, half + 0.5 - away)));
      }
    }
  }

  circle(at: Point, radius: number, fill: string, { stroke, opacity = 1 }: CircleStyle = {}): void {
    if (stroke) this.disc(at, radius + 0.9, stroke, opacity);
    this.disc(at, radius, fill, opacity);
  }

  private disc(at: Point, radius: number, fill: string, opacity: number): void {
    const colour = parse(fill);
    const [cx, cy, r] = [at.x * ZOOM, at.y * ZOOM, radius * ZOOM];
    for (let py = Math.floor(cy - r - 1); py <= cy + r + 1; py++) {
      for (let px = Math.floor(cx - r - 1); px <= cx + r + 1; px++) {
        const away = Math.hypot(px + 0.5 - cx, py + 0.5 - cy);
        this.blend(px, py, colour, opacity * Math.min(1, Math.max(0, r + 0.5 - away)));
      }
    }
  }

  text(
    at: Point,
    text: string,
    { size = 11, bold = false, centred = false, colour = INK }: TextStyle = {},
  ): void {
    const dot = Math.max(1, Math.round((size * ZOOM * 0.72) / GLYPH_HEIGHT));
    const letters = [...text];
    const width = letters.length * ADVANCE * dot;
    const left = Math.round(at.x * ZOOM - (centred ? width / 2 : 0));
    const top = Math.round(at.y * ZOOM) - GLYPH_HEIGHT * dot;
    const ink = parse(colour);
    letters.forEach((letter, i) => {
      glyph(letter).forEach((bits, row) => {
        for (let column = 0; column < 5; column++) {
          if (((bits >> (4 - column)) & 1) === 0) continue;
          const x = left + (i * ADVANCE + column) * dot;
          for (let k = 0; k < dot * (dot + (bold ? 1 : 0)); k++) {
            this.blend(x + Math.floor(k / dot), top + row * dot + (k % dot), ink, 1);
          }
        }
      });
    });
  }
}

const parse = (colour: string): number[] => [1, 3, 5].map((i) => Number.parseInt(colour.slice(i, i + 2), 16));

export function pictureRaster(picture: Picture): PlanImage {
  const sheet = sheetOf(picture);
  const canvas = new RasterCanvas(sheet.width, sheet.height);
  drawPicture(canvas, picture, sheet);
  return { width: canvas.width, height: canvas.height, rgba: canvas.rgba };
}
