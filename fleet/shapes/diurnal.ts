import { z } from 'zod';
import { duration } from '../duration.ts';
import { rampedInMs, rampIn, seconds } from './ramp.ts';
import { type Action, type Extent, merged, type Shape } from './shape.ts';

export const diurnalSettings = z.strictObject({
  kind: z.literal('diurnal'),
  /** Devices that are switched on a second, at the beginning: those that are on at night. */
  rate: z.number().positive().max(100_000),
  /** How long a day is. It begins at midnight. */
  period: duration.refine((ms) => ms >= 1000, 'must be 1s or more').prefault('24h'),
  /** Of all devices, how many are on at midnight; at noon all are. */
  low: z.number().min(0).max(1).default(0.2),
});
export type DiurnalSettings = z.infer<typeof diurnalSettings>;

const night = ({ low }: DiurnalSettings, { devices }: Extent): number => Math.round(low * devices);

/** When in its day, from 0 to 0.5, a device comes; it goes as long before the day's end. */
function morning(rank: number): number {
  // The level is (1 - cos 2πt) / 2: a cosine from midnight over noon to midnight.
  return Math.acos(1 - 2 * rank) / (2 * Math.PI);
}

function* days(settings: DiurnalSettings, extent: Extent): Generator<Action> {
  const first = night(settings, extent);
  const { devices, forMs } = extent;
  const dayMs = (device: number) => morning((device - first + 0.5) / (devices - first)) * settings.period;
  for (let day = 0; day * settings.period < forMs; day++) {
    const beginMs = day * settings.period;
    const kind = day === 0 ? 'start' : 'restore';
    for (let device = first; device < devices; device++) {
      yield { atMs: beginMs + dayMs(device), kind, device };
    }
    for (let device = devices - 1; device >= first; device--) {
      yield { atMs: beginMs + settings.period - dayMs(device), kind: 'cut', device };
    }
  }
}

/** Devices come in the morning and go in the evening. */
export const diurnal: Shape<DiurnalSettings> = {
  problems(settings, extent) {
    const rampMs = rampedInMs(settings.rate, night(settings, extent));
    if (rampMs <= settings.period / 2) return [];
    return [`shape.rate: those of the night are there after ${seconds(rampMs)} s, later than noon`];
  },
  actions: (settings, extent) =>
    merged(rampIn(settings.rate, night(settings, extent)), days(settings, extent)),
  peak: (_settings, { devices }) => devices,
};
