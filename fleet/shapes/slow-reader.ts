import { z } from 'zod';
import { type AfterRamp, afterRamp, shapeAfterRamp, share } from './after-ramp.ts';
import { chosen } from './chosen.ts';

export const slowReaderSettings = z.strictObject({
  kind: z.literal('slow-reader'),
  ...afterRamp,
  share: share.default(0.1),
  /** What each of them reads. */
  bytesPerSecond: z.number().positive().max(1e9).default(200),
});
export type SlowReaderSettings = z.infer<typeof slowReaderSettings>;

/** Some devices read hardly anything of what the target sends, and go on sending themselves. */
export const slowReader = shapeAfterRamp<SlowReaderSettings & AfterRamp>({
  what({ at, bytesPerSecond, ...settings }, { devices, seed }) {
    return chosen(settings.share, devices, seed).map((device) => ({
      atMs: at,
      kind: 'link',
      conditions: { downBytesPerS: bytesPerSecond },
      device,
    }));
  },
  lastMs: ({ at }) => at,
  links: true,
});
