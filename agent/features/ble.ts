import type { BleRecord } from '../../packets/observe/records.ts';
import { BLE_CLASSES, type BleDevice, bleClass } from '../../protocol/messages/ble.ts';
import type { Producer } from '../producer.ts';
import { chunks, clip, present } from './chunks.ts';
import { macBytes } from './mac.ts';

const MAX_ADVERTISING_BYTES = 255;
export function bleDeviceOf(record: BleRecord): BleDevice {
  return present({
    address: macBytes(record.address),
    addressType: record.addressType,
    format: record.format,
    localName: clip(record.localName),
    companyId: record.companyId,
    advertisingData: record.advertisingData.subarray(0, MAX_ADVERTISING_BYTES),
    rssiDbm: record.rssi?.last,
    lastSeenMs: Math.max(0, Math.round(record.lastSeenMs)),
  });
}

/** Bluetooth advertisers that changed: named assets and all others apart, each class with its own switch. */
export async function produceBle(
  producer: Producer,
  records: readonly BleRecord[],
  perMessage: number,
): Promise<void> {
  const devices = records.map(bleDeviceOf);
  for (const privacyClass of BLE_CLASSES) {
    const ofClass = devices.filter((device) => bleClass(device) === privacyClass);
    for (const part of chunks(ofClass, perMessage)) {
      await producer.produce('ble', { class: privacyClass, devices: part });
    }
  }
}
