import { z } from 'zod';
import { UP_STREAMS } from '../topics.ts';
import { data } from './envelope.ts';
import { name, uint } from './fields.ts';

/** `produced = acknowledged + pending + dropped`, per stream, of this boot. */
export const streamLedger = z.strictObject({
  stream: z.enum(UP_STREAMS),
  produced: uint,
  acknowledged: uint,
  pending: uint,
  dropped: uint,
});

export const sourceStats = z.strictObject({
  name,
  state: z.enum(['running', 'ended', 'failed']),
  frames: uint,
  bytes: uint,
  dropped: uint,
  /** Who lost them, where that is known: the kernel, the interface, the capture helper, the agent; `missed`: nobody captured. */
  droppedBy: z
    .strictObject({ kernel: uint, interface: uint, helper: uint, agent: uint, missed: uint })
    .partial()
    .optional(),
});

/** Health of the device itself. */
export const stats = data.extend({
  class: z.literal('device'),
  uptimeMs: uint,
  memoryBytes: uint,
  cpuMs: uint,
  outboxBytes: uint,
  ledger: z.array(streamLedger).max(UP_STREAMS.length),
  sources: z.array(sourceStats).max(64),
  /** What header-only slicing did since boot. */
  slicing: z.strictObject({ frames: uint, bytesSeen: uint, bytesKept: uint, bytesCut: uint, faults: uint }),
  /** Failures of clients since boot: captures made of them, and those that the rate limit suppressed. */
  captures: z.strictObject({ dynamic: uint, suppressed: uint }).optional(),
});
export type Stats = z.infer<typeof stats>;
