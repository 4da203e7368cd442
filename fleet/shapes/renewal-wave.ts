import { z } from 'zod';
import { hash, uniform } from '../../world/random.ts';
import { duration } from '../duration.ts';
import { type AfterRamp, afterRamp, shapeAfterRamp } from './after-ramp.ts';
import { inOrder } from './shape.ts';

export const renewalWaveSettings = z.strictObject({
  kind: z.literal('renewal-wave'),
  ...afterRamp,
  /** Each asks at an instant of its own within this. */
  spread: duration.prefault('10s'),
});
export type RenewalWaveSettings = z.infer<typeof renewalWaveSettings>;

/** Every device makes a key, has it certified, and logs in with it. */
export const renewalWave = shapeAfterRamp<RenewalWaveSettings & AfterRamp>({
  what({ at, spread }, { devices, seed }) {
    return inOrder(
      Array.from({ length: devices }, (_, device) => ({
        atMs: at + uniform(hash(seed, 3, device)) * spread,
        kind: 'renew' as const,
        device,
      })),
    );
  },
  lastMs: ({ at, spread }) => at + spread,
});
