import { z } from 'zod';
import { hash, uniform } from '../../world/random.ts';
import { duration } from '../duration.ts';
import { siteOf } from '../site-of.ts';
import { type AfterRamp, afterRamp, shapeAfterRamp } from './after-ramp.ts';
import { type Action, type Extent, inOrder } from './shape.ts';

export const powerCutSettings = z.strictObject({
  kind: z.literal('power-cut'),
  ...afterRamp,
  /** How many sites lose their power. */
  sites: z.number().int().min(1).default(1),
  /** How long it is gone. */
  down: duration.prefault('10s'),
  /** Devices need different times to boot: each comes within this. */
  jitter: duration.prefault('5s'),
});
export type PowerCutSettings = z.infer<typeof powerCutSettings>;

function darkDevices({ sites }: PowerCutSettings, extent: Extent): number[] {
  const { devices, siteDevices, seed } = extent;
  const all = Math.ceil(devices / siteDevices);
  const first = hash(seed, 1) % all;
  const dark = new Set(Array.from({ length: Math.min(sites, all) }, (_, i) => (first + i) % all));
  return Array.from({ length: devices }, (_, device) => device).filter((device) =>
    dark.has(siteOf(device, extent).site),
  );
}

/** Sites go dark: nobody says goodbye, the target is left with half-open connections; then all boot at once. */
export const powerCut = shapeAfterRamp<PowerCutSettings & AfterRamp>({
  what(settings, extent) {
    const { at, down, jitter } = settings;
    return inOrder(
      darkDevices(settings, extent).flatMap((device): Action[] => [
        { atMs: at, kind: 'link', break: 'half-open', device },
        { atMs: at, kind: 'power', device },
        { atMs: at + down + uniform(hash(extent.seed, 2, device)) * jitter, kind: 'start', device },
      ]),
    );
  },
  lastMs: ({ at, down, jitter }) => at + down + jitter,
  links: true,
});
