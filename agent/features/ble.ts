import type { BleRecord } from '../../packets/observe/records.ts';
import type { BleDevice } from '../../protocol/messages/ble.ts';
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

/** Bluetooth advertisers that changed. */
export async function produceBle(
  producer: Producer,
  records: readonly BleRecord[],
  perMessage: number,
): Promise<void> {
  const devices = records.map(bleDeviceOf);
  for (const part of chunks(devices, perMessage)) {
    await producer.produce('ble', { class: 'ble.assets', devices: part });
  }
}
