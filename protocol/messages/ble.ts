import { z } from 'zod';
import type { PrivacyClass } from '../privacy.ts';
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

export const BLE_CLASSES = ['ble.assets', 'ble.passive'] as const satisfies readonly PrivacyClass[];
export type BleClass = (typeof BLE_CLASSES)[number];

/** A device that gives a name, or is in a beacon's format, is a named asset; whatever else advertises is passive. */
export function bleClass({ format, localName }: Pick<BleDevice, 'format' | 'localName'>): BleClass {
  const isBeacon = format !== undefined && format !== 'other';
  return isBeacon || (localName !== undefined && localName !== '') ? 'ble.assets' : 'ble.passive';
}

/**
 * Of one class each, by `bleClass`. Agents before 'ble.passive' sent all in 'ble.assets': whoever takes a message in
 * asks for each device.
 */
export const ble = data.extend({
  class: z.enum(BLE_CLASSES),
  devices: z.array(bleDevice).min(1).max(256),
});
export type Ble = z.infer<typeof ble>;
