import { z } from 'zod';
import { duration } from '../duration.ts';
import { type AfterRamp, afterRamp, shapeAfterRamp } from './after-ramp.ts';
import { type Action, type Extent, inOrder } from './shape.ts';

export const rollingUpgradeSettings = z.strictObject({
  kind: z.literal('rolling-upgrade'),
  ...afterRamp,
  /** Devices that go at once, and how long after them the next do. */
  batch: z.number().int().min(1).default(10),
  every: duration.refine((ms) => ms > 0, 'must be longer').prefault('5s'),
  /** How long a device needs to come back with its new firmware. */
  down: duration.prefault('5s'),
});
export type RollingUpgradeSettings = z.infer<typeof rollingUpgradeSettings>;

/** Batch after batch shuts down in good order and boots new firmware. */
export const rollingUpgrade = shapeAfterRamp<RollingUpgradeSettings & AfterRamp>({
  what({ at, batch, every, down }, { devices }) {
    return inOrder(
      Array.from({ length: devices }, (_, device) => device).flatMap((device): Action[] => {
        const atMs = at + Math.floor(device / batch) * every;
        return [
          { atMs, kind: 'stop', device },
          { atMs: atMs + down, kind: 'start', device },
        ];
      }),
    );
  },
  lastMs: ({ at, batch, every, down }, { devices }: Extent) =>
    at + (Math.ceil(devices / batch) - 1) * every + down,
});
