import { z } from 'zod';
import { data } from './envelope.ts';
import { bytesUpTo, mac, name, rssiDbm, uint } from './fields.ts';

export const bleDevice = z.strictObject({
  address: mac,
  addressType: z.enum(['public', 'random-static', 'random-resolvable', 'random-non-resolvable']),
  /** Advertising format, where it is one that we know. */
  format: z
    .enum([
      'ibeacon',
      'altbeacon',
      'eddystone-uid',
      'eddystone-url',
      'eddystone-tlm',
      'eddystone-eid',
      'other',
    ])
    .optional(),
  localName: name.optional(),
  companyId: uint.max(65535).optional(),
  /** Raw advertising data (Core Specification, volume 3, part C, clause 11). */
  advertisingData: bytesUpTo(255),
  /** dBm; absent when the radio had none (HCI value 127). */
  rssiDbm: rssiDbm.optional(),
  lastSeenMs: uint,
});
export type BleDevice = z.infer<typeof bleDevice>;

export const ble = data.extend({
  class: z.literal('ble.assets'),
  devices: z.array(bleDevice).min(1).max(256),
});
export type Ble = z.infer<typeof ble>;
