import type { Point } from '../site/model.ts';
import type { Canvas, CircleStyle, LineStyle, Picture, TextStyle } from './canvas.ts';
import { drawPicture, sheetOf, titleOf } from './floor.ts';

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
const n = (value: number): string => String(Math.round(value * 10) / 10);

class SvgCanvas implements Canvas {
  readonly parts: string[] = [];

  rect(x: number, y: number, width: number, height: number, fill: string, opacity = 1): void {
    const alpha = opacity < 1 ? ` fill-opacity="${opacity}"` : '';
    this.parts.push(
      `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" fill="${fill}"${alpha}/>`,
    );
  }

  line(from: Point, to: Point, { colour, width, dashed = false, opacity = 1 }: LineStyle): void {
    const more = `${dashed ? ' stroke-dasharray="4 3"' : ''}${opacity < 1 ? ` stroke-opacity="${opacity}"` : ''}`;
    this.parts.push(
      `<path d="M${n(from.x)} ${n(from.y)}L${n(to.x)} ${n(to.y)}" stroke="${colour}" stroke-width="${n(width)}" stroke-linecap="round"${more}/>`,
    );
  }

  circle(at: Point, radius: number, fill: string, { stroke, opacity = 1 }: CircleStyle = {}): void {
    const more = `${stroke ? ` stroke="${stroke}" stroke-width="1.4"` : ''}${opacity < 1 ? ` fill-opacity="${opacity}"` : ''}`;
    this.parts.push(`<circle cx="${n(at.x)}" cy="${n(at.y)}" r="${n(radius)}" fill="${fill}"${more}/>`);
  }

  text(at: Point, text: string, { size, bold, centred, colour }: TextStyle = {}): void {
    const more = [
      size ? ` font-size="${size}"` : '',
      bold ? ' font-weight="600"' : '',
      centred
        ? ' text-anchor="middle" paint-order="stroke" stroke="#ffffff" stroke-opacity="0.7" stroke-width="3"'
        : '',
      colour ? ` fill="${colour}"` : '',
    ].join('');
    this.parts.push(`<text x="${n(at.x)}" y="${n(at.y)}"${more}>${escaped(text)}</text>`);
  }
}

export function pictureSvg(picture: Picture): string {
  const sheet = sheetOf(picture);
  const canvas = new SvgCanvas();
  drawPicture(canvas, picture, sheet);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${sheet.width} ${sheet.height}" font-family="system-ui, sans-serif" font-size="11" fill="#22303f">`,
    `<title>${escaped(titleOf(picture))}</title>`,
    ...canvas.parts,
    '</svg>',
    '',
  ].join('\n');
}
