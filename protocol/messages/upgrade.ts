import { z } from 'zod';
import { data } from './envelope.ts';
import { bytes, name, uint } from './fields.ts';

/** Progress of a firmware upgrade, device to cloud. */
export const upgradeProgress = data.extend({
  class: z.literal('device'),
  version: name,
  phase: z.enum([
    'downloading',
    'verifying',
    'installing',
    'rebooting',
    'committed',
    'rolled-back',
    'failed',
  ]),
  percent: uint.max(100),
  code: name.optional(),
});
export type UpgradeProgress = z.infer<typeof upgradeProgress>;

/** Order to upgrade, cloud to device. */
export const upgradeOrder = z.strictObject({
  v: z.literal(1),
  version: name,
  url: z.string().max(2048),
  sha256: bytes(32),
  size: uint,
});
export type UpgradeOrder = z.infer<typeof upgradeOrder>;
