import type { Coverage } from '../radio/coverage.ts';
import type { Point, Site } from '../site/model.ts';

/** What a plan is drawn on: pixels, x to the right, y down. Colours are `#rrggbb`. */
export interface Canvas {
  rect(x: number, y: number, width: number, height: number, fill: string, opacity?: number): void;
  line(from: Point, to: Point, style: LineStyle): void;
  circle(at: Point, radius: number, fill: string, style?: CircleStyle): void;
  text(at: Point, text: string, style?: TextStyle): void;
}

export interface LineStyle {
  colour: string;
  width: number;
  dashed?: boolean;
  opacity?: number;
}

export interface CircleStyle {
  stroke?: string;
  opacity?: number;
}

export interface TextStyle {
  /** Height of the letters; 11 unless said. */
  size?: number;
  bold?: boolean;
  centred?: boolean;
  colour?: string;
}

/** Somebody on the floor at the time of the picture. */
export interface ShownClient extends Point {
  kind: string;
}

/** Something that is wrong, where it is: devices are marked, places ringed. */
export interface ShownTrouble {
  text: string;
  devices: readonly string[];
  at: (Point & { floor: string })[];
}

export interface Picture {
  site: Site;
  floor: string;
  /** Null for the plan alone. */
  heat: Coverage | null;
  clients: readonly ShownClient[];
  troubles: readonly ShownTrouble[];
  /** What time it shows; absent for none. */
  time?: string;
}

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
