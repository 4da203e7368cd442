/** What the cloud sends, commands and upgrades apart. */
import { z } from 'zod';
import { PRIVACY_CLASSES } from '../privacy.ts';
import { UP_STREAMS } from '../topics.ts';
import { bytes, name, uint } from './fields.ts';

/** Right after `auth`. From here on the session is open. */
export const welcome = z.strictObject({
  v: z.literal(1),
  /** The cloud's wall time, Unix milliseconds. */
  timeMs: uint,
  claimed: z.boolean(),
  /** Largest MQTT packet that the cloud takes, bytes. */
  maxPacket: uint.min(1024),
  /** Most messages that may be unacknowledged (by `ack`) at once. */
  window: uint.min(1),
  privacyClasses: z.array(z.enum(PRIVACY_CLASSES)).max(PRIVACY_CLASSES.length),
  /** Another listener that this device belongs to: `mqtts://host:port`. */
  redirect: z.string().max(255).optional(),
});
export type Welcome = z.infer<typeof welcome>;

/** Everything up to `seq` of each named boot and stream is committed to the cloud's store. */
export const ack = z.strictObject({
  v: z.literal(1),
  acks: z
    .array(z.strictObject({ bootId: bytes(16), stream: z.enum(UP_STREAMS), seq: uint.min(1) }))
    .min(1)
    .max(64),
});
export type Ack = z.infer<typeof ack>;

/** The device's settings, whole; a device keeps the newest `version`. */
export const config = z.strictObject({
  v: z.literal(1),
  version: uint.min(1),
  privacyClasses: z.array(z.enum(PRIVACY_CLASSES)).max(PRIVACY_CLASSES.length),
  /** Observation fields that may be reported. */
  fields: z.strictObject({
    hostName: z.boolean(),
    userName: z.boolean(),
    userAgent: z.boolean(),
    deviceFamily: z.boolean(),
  }),
  name: name.optional(),
});
export type Config = z.infer<typeof config>;
