import { z } from 'zod';
import { duration } from '../duration.ts';
import { seconds } from './ramp.ts';
import { type Action, type Extent, merged, type Shape } from './shape.ts';

export const constantArrivalSettings = z.strictObject({
  kind: z.literal('constant-arrival'),
  /** Logins a second, from the first to the last second. */
  rate: z.number().positive().max(100_000),
  /** How long each stays. Half of the time until its next turn unless given. */
  hold: duration.optional(),
});
export type ConstantArrivalSettings = z.infer<typeof constantArrivalSettings>;

const turnMs = ({ rate }: ConstantArrivalSettings, { devices }: Extent): number => (devices / rate) * 1000;
const holdMs = (settings: ConstantArrivalSettings, extent: Extent): number =>
  settings.hold ?? turnMs(settings, extent) / 2;

function* arrivals({ rate }: ConstantArrivalSettings, { devices, forMs }: Extent): Generator<Action> {
  for (let turn = 0; (turn / rate) * 1000 < forMs; turn++) {
    const kind = turn < devices ? 'start' : 'restore';
    yield { atMs: (turn / rate) * 1000, kind, device: turn % devices };
  }
}

function* departures(settings: ConstantArrivalSettings, extent: Extent): Generator<Action> {
  const stayMs = holdMs(settings, extent);
  for (const { atMs, device } of arrivals(settings, extent)) {
    yield { atMs: atMs + stayMs, kind: 'cut', device };
  }
}

/** Logins at a constant rate, whatever the target does; devices take turns, and each leaves before its next. */
export const constantArrival: Shape<ConstantArrivalSettings> = {
  problems(settings, extent) {
    const limitMs = turnMs(settings, extent);
    if (holdMs(settings, extent) < limitMs) return [];
    return [
      `shape.hold: a device's next turn comes after ${seconds(limitMs)} s; hold it for less, or take more devices`,
    ];
  },
  actions: (settings, extent) => merged(departures(settings, extent), arrivals(settings, extent)),
  peak: (settings, extent) =>
    Math.min(extent.devices, Math.ceil((settings.rate * holdMs(settings, extent)) / 1000)),
};
