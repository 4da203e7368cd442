import { z } from 'zod';
import { hash, uniform } from '../../world/random.ts';
import { duration } from '../duration.ts';
import { afterRampProblems } from './after-ramp.ts';
import { rampIn } from './ramp.ts';
import { type Action, type Extent, merged, type Shape } from './shape.ts';

export const stormSettings = z.strictObject({
  kind: z.literal('storm'),
  /** Devices that are switched on a second, before the storm. */
  rate: z.number().positive().max(100_000),
  /** When all connections are cut. */
  at: duration,
  /** How long nobody gets through. */
  down: duration.prefault('2s'),
  /** All come back at once (0s), or each at an instant of its own within this. */
  jitter: duration.prefault('0s'),
});
export type StormSettings = z.infer<typeof stormSettings>;

function* outage({ at, down, jitter }: StormSettings, { devices, seed }: Extent): Generator<Action> {
  for (let device = 0; device < devices; device++) yield { atMs: at, kind: 'cut', device };
  const back = Array.from({ length: devices }, (_, device) => ({
    atMs: at + down + uniform(hash(seed, device)) * jitter,
    kind: 'restore' as const,
    device,
  }));
  yield* back.sort((a, b) => a.atMs - b.atMs);
}

/** A site that loses its uplink: everything is cut in one instant, and everything reconnects. */
export const storm: Shape<StormSettings> = {
  problems: (settings, extent) =>
    afterRampProblems(settings, extent, settings.at + settings.down + settings.jitter),
  actions: (settings, extent) => merged(rampIn(settings.rate, extent.devices), outage(settings, extent)),
  peak: (_settings, { devices }) => devices,
};
