import { z } from 'zod';
import { MOST_MANIFEST_BYTES, MOST_SIGNATURE_BYTES } from '../firmware/manifest.ts';
import { data } from './envelope.ts';
import { bytes, bytesUpTo, name, uint } from './fields.ts';

/** In the order in which an upgrade goes through them; the last three are ends. */
export const UPGRADE_PHASES = [
  'downloading',
  'verifying',
  'installing',
  'rebooting',
  'trial',
  'committed',
  'rolled-back',
  'failed',
] as const;
export type UpgradePhase = (typeof UPGRADE_PHASES)[number];

const orderId = z.string().min(1).max(64);

/** Progress of a firmware upgrade, device to cloud. */
export const upgradeProgress = data.extend({
  class: z.literal('device'),
  /** Of the order; absent from a device that knows none. */
  id: orderId.optional(),
  version: name,
  phase: z.enum(UPGRADE_PHASES),
  /** Of the payload, what is on the device. */
  percent: uint.max(100),
  /** Of the error catalogue: why it failed, or was rolled back. */
  code: name.optional(),
  detail: name.optional(),
});
export type UpgradeProgress = z.infer<typeof upgradeProgress>;

/**
 * Order to upgrade, cloud to device. The same order may come again, and is answered with what became of it. Manifest and
 * signature: docs/firmware.md; an order without them is refused.
 */
export const upgradeOrder = z.strictObject({
  v: z.literal(1),
  id: orderId.optional(),
  version: name,
  /** https://host:port/path of the payload; asked with the device's certificate. */
  url: z.string().max(2048),
  sha256: bytes(32),
  size: uint,
  manifest: bytesUpTo(MOST_MANIFEST_BYTES).optional(),
  signature: bytesUpTo(MOST_SIGNATURE_BYTES).optional(),
});
export type UpgradeOrder = z.infer<typeof upgradeOrder>;
