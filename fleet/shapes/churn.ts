import { z } from 'zod';
import { duration } from '../duration.ts';
import { rampedInMs, rampIn, rampProblems, seconds } from './ramp.ts';
import { type Action, type Extent, merged, type Shape } from './shape.ts';

export const churnSettings = z.strictObject({
  kind: z.literal('churn'),
  /** Devices that are switched on a second, at the beginning. */
  rate: z.number().positive().max(100_000),
  /** Devices that lose their uplink a second, once all are there. */
  leave: z.number().positive().max(100_000),
  /** How long each is away. */
  down: duration.prefault('5s'),
});
export type ChurnSettings = z.infer<typeof churnSettings>;

/** A step that visits every device once a round: coprime to their number, and far from 1. */
function stride(devices: number): number {
  const divides = (a: number, b: number): number => (b === 0 ? a : divides(b, a % b));
  let step = Math.max(1, Math.floor(devices * 0.618));
  while (divides(devices, step) !== 1) step--;
  return step;
}

function* turns(
  { rate, leave, down }: ChurnSettings,
  { devices, forMs, seed }: Extent,
  kind: 'cut' | 'restore',
): Generator<Action> {
  const step = stride(devices);
  const firstMs = rampedInMs(rate, devices) + (kind === 'restore' ? down : 0);
  let device = seed % devices;
  for (let turn = 0; ; turn++) {
    const atMs = firstMs + (turn / leave) * 1000;
    if (atMs >= forMs) return;
    yield { atMs, kind, device };
    device = (device + step) % devices;
  }
}

/** Devices come and go all the time, at a constant rate. */
export const churn: Shape<ChurnSettings> = {
  problems({ rate, leave, down }, extent) {
    const problems = rampProblems(rate, extent);
    const turnMs = (extent.devices / leave) * 1000;
    if (down >= turnMs) {
      problems.push(
        `shape.down: a device leaves again after ${seconds(turnMs)} s, and must be back by then; leave fewer a second`,
      );
    }
    return problems;
  },
  actions: (settings, extent) =>
    merged(
      rampIn(settings.rate, extent.devices),
      merged(turns(settings, extent, 'restore'), turns(settings, extent, 'cut')),
    ),
  peak: (_settings, { devices }) => devices,
};
