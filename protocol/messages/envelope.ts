import { z } from 'zod';
import { PRIVACY_CLASSES } from '../privacy.ts';
import { bytes, uint } from './fields.ts';

/** How good the device's wall clock was when the message was made. */
export const CLOCK_QUALITIES = ['unknown', 'system', 'cloud'] as const;
export type ClockQuality = (typeof CLOCK_QUALITIES)[number];

/** In every message that a device sends. `seq` counts from 1 per boot and stream, without holes. */
export const envelope = z.strictObject({
  v: z.literal(1),
  bootId: bytes(16),
  seq: uint.min(1),
  /** Milliseconds since the device's boot. */
  monoMs: uint,
  /** Device's wall time, milliseconds since the Unix epoch. */
  timeMs: uint,
  clock: z.enum(CLOCK_QUALITIES),
  class: z.enum(PRIVACY_CLASSES),
});
export type Envelope = z.infer<typeof envelope>;

/** `stored-elsewhere`: another region of the cloud has them. */
export const GAP_REASONS = [
  'outbox-full',
  'lost-at-power-cut',
  'privacy',
  'unsendable',
  'stored-elsewhere',
] as const;

/** Stands for the messages `seq` to `to` of its stream, which were produced and then dropped. */
export const gap = envelope.extend({
  kind: z.literal('gap'),
  to: uint.min(1),
  reason: z.enum(GAP_REASONS),
});
export type Gap = z.infer<typeof gap>;

/** What every data message begins with. */
export const data = envelope.extend({ kind: z.literal('data') });
