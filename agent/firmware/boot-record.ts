import { z } from 'zod';
import { firmwareVersion } from '../../protocol/firmware/version.ts';

export const SLOTS = ['a', 'b'] as const;
export type SlotName = (typeof SLOTS)[number];
export const otherSlot = (slot: SlotName): SlotName => (slot === 'a' ? 'b' : 'a');

const slotInfo = z.strictObject({
  version: firmwareVersion,
  sequenceNumber: z.number().int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type SlotInfo = z.infer<typeof slotInfo>;

/** How an order ended, until the cloud is told, and for when it comes again. */
const outcome = z.strictObject({
  id: z.string(),
  version: z.string(),
  phase: z.enum(['committed', 'rolled-back', 'failed']),
  code: z.string().optional(),
  detail: z.string().optional(),
  reported: z.boolean(),
});
export type Outcome = z.infer<typeof outcome>;

/** All that a boot goes by: `boot.json`, which is replaced whole. */
export const bootRecord = z.strictObject({
  v: z.literal(1),
  active: z.enum(SLOTS),
  /** Null: the image that the device was made with. */
  slots: z.strictObject({ a: slotInfo.nullable(), b: slotInfo.nullable() }),
  /** The highest sequence number that was committed. */
  counter: z.number().int().min(0),
  /** The slot that is not active is to be tried, so many times more. */
  trial: z.strictObject({ id: z.string(), attemptsLeft: z.number().int().min(0) }).nullable(),
  outcome: outcome.nullable(),
});
export type BootRecord = z.infer<typeof bootRecord>;

export const FACTORY: BootRecord = {
  v: 1,
  active: 'a',
  slots: { a: null, b: null },
  counter: 0,
  trial: null,
  outcome: null,
};
