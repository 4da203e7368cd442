/** The recorded floor of fixtures/tetam: 12 fixed receivers, one beacon, walked tracks with true positions. */
import { readFileSync } from 'node:fs';
import type { RecordedSample } from '../../../world/radio/fit.ts';

const folder = new URL('../../../fixtures/tetam/', import.meta.url);

export const TRACKS = [
  'straight_01',
  'straight_03',
  'rectangular_without_rotation',
  'zigzagging_with_rotation',
] as const;
export type TrackName = (typeof TRACKS)[number];

export interface TetamSample extends RecordedSample {
  tS: number;
  headingRad: number;
}

export interface TetamReceiver {
  mac: string;
  x: number;
  y: number;
  z: number;
}

/** `"b827eb4521b4": [[7.00, 7.09, 1.22], 16711680, "sensor10"]`; the beacon has no position and is left out. */
export function tetamReceivers(): TetamReceiver[] {
  const text = readFileSync(new URL('cnf_tetam.dev', folder), 'utf8');
  return [...text.matchAll(/"([0-9a-f]{12})": \[\[([0-9., ]+)\], \d+, "sensor/g)].map(([, mac, at]) => {
    const [x, y, z] = at.split(',').map(Number);
    return { mac, x, y, z };
  });
}

/**
 * Rows of time, receiver, beacon, RSSI, x, y, z, and a rotation row by row. On straight_01 its third column
 * points along the walk, so that is where the bearer faces. The one corrupt RSSI (+42) is clipped.
 */
export function tetamTrack(name: TrackName, receivers: readonly TetamReceiver[]): TetamSample[] {
  const byMac = new Map(receivers.map((receiver, i) => [receiver.mac, i]));
  const text = readFileSync(new URL(`${name}_all_sensors.mbd`, folder), 'utf8');
  return text
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [t, mac, , ...numbers] = line.split(',');
      const receiver = byMac.get(mac);
      if (receiver === undefined) return [];
      const [rssi, x, y, z, ...rotation] = numbers.map(Number);
      return {
        tS: Number(t),
        receiver,
        rssiDbm: Math.max(-105, Math.min(-20, rssi)),
        x,
        y,
        z,
        headingRad: Math.atan2(rotation[5], rotation[2]),
      };
    });
}
