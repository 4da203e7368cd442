import { z } from 'zod';
import { duration } from '../duration.ts';
import { siteOf } from '../site-of.ts';
import { type AfterRamp, afterRamp, shapeAfterRamp } from './after-ramp.ts';
import { type Action, inOrder } from './shape.ts';

export const roamWaveSettings = z.strictObject({
  kind: z.literal('roam-wave'),
  ...afterRamp,
  /** How often everybody walks on, and how long after each other, and how long it takes them. */
  waves: z.number().int().min(1).max(10_000).default(1),
  every: duration.refine((ms) => ms > 0, 'must be longer').prefault('10s'),
  spread: duration.prefault('2s'),
});
export type RoamWaveSettings = z.infer<typeof roamWaveSettings>;

/** The lecture is over: the clients of each access point reassociate with the next one of its site. */
export const roamWave = shapeAfterRamp<RoamWaveSettings & AfterRamp>({
  what({ at, waves, every, spread }, extent) {
    const { devices, siteDevices } = extent;
    return inOrder(
      Array.from({ length: waves }, (_, wave) => wave).flatMap((wave) =>
        Array.from(
          { length: devices },
          (_, device): Action => ({
            atMs: at + wave * every + (siteOf(device, extent).rank / siteDevices) * spread,
            kind: 'roam',
            device,
          }),
        ),
      ),
    );
  },
  lastMs: ({ at, waves, every, spread }) => at + (waves - 1) * every + spread,
});
