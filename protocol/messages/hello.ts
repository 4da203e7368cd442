import { z } from 'zod';
import { PRIVACY_CLASSES } from '../privacy.ts';
import { data } from './envelope.ts';
import { mac, name, uint } from './fields.ts';

export const DEVICE_KINDS = ['ap', 'switch'] as const;
export type DeviceKind = (typeof DEVICE_KINDS)[number];

/** The first message of a session, and with `stats` all that an unclaimed device may say. */
export const hello = data.extend({
  class: z.literal('device'),
  deviceKind: z.enum(DEVICE_KINDS),
  model: name,
  mac,
  firmware: name,
  /** Where `firmware` is, for devices with two slots; `trial` until it is committed. */
  slot: z.enum(['a', 'b']).optional(),
  trial: z.boolean().optional(),
  /** Anti-rollback: the highest sequence number that was committed; 0 when none. */
  sequenceNumber: uint.optional(),
  /** Highest config version applied; 0 when none. */
  configVersion: uint,
  /** Version of the device's configuration that it judged last; 0 when none. Absent: it takes none. */
  configuration: uint.optional(),
  /** Classes that the device has sources for. */
  classes: z.array(z.enum(PRIVACY_CLASSES)).max(PRIVACY_CLASSES.length),
});
export type Hello = z.infer<typeof hello>;
