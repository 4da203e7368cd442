import { z } from 'zod';
import { type AfterRamp, afterRamp, shapeAfterRamp, share } from './after-ramp.ts';
import { chosen } from './chosen.ts';

export const halfOpenSettings = z.strictObject({
  kind: z.literal('half-open'),
  ...afterRamp,
  share: share.default(1),
});
export type HalfOpenSettings = z.infer<typeof halfOpenSettings>;

/** Devices lose their connections and come back at once; the target hears nothing of it, and has both. */
export const halfOpen = shapeAfterRamp<HalfOpenSettings & AfterRamp>({
  what({ at, ...settings }, { devices, seed }) {
    return chosen(settings.share, devices, seed).map((device) => ({
      atMs: at,
      kind: 'link',
      break: 'half-open',
      device,
    }));
  },
  lastMs: ({ at }) => at,
  links: true,
});
