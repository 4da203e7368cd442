import { advertisingRecord } from '../ble/ad-structure.ts';
import type { BleAddressType } from '../ble/address.ts';
import { bleFormat } from '../ble/format.ts';
import { MAX_NAME } from './host.ts';
import type { BleRecord } from './records.ts';
import { RssiStatistics } from './rssi.ts';

/** One report of a radio. */
export interface Advertisement {
  /** `aa:bb:cc:dd:ee:ff` */
  address: string;
  addressType: BleAddressType;
  /** AD structures (Core Specification, volume 3, part C, clause 11). */
  advertisingData: Uint8Array;
  /** Absent where the radio had none (HCI value 127). */
  rssiDbm?: number;
  timeMs: number;
  /** Report number, from 1. */
  number: number;
}

interface Device {
  record: BleRecord;
  rssi: RssiStatistics;
}

const MAX_DATA = 255;

/** BLE devices by address, the one heard longest ago makes room. */
export class BleDevices {
  evicted = 0;
  private readonly limit: number;
  private readonly byAddress = new Map<string, Device>();
  private readonly changed = new Set<string>();

  constructor(limit: number) {
    this.limit = Math.max(1, limit);
  }

  advertisement(of: Advertisement): void {
    const id = `${of.addressType} ${of.address}`;
    const known = this.byAddress.get(id);
    if (known !== undefined) this.byAddress.delete(id);
    else if (this.byAddress.size === this.limit) {
      const [oldest] = this.byAddress.keys();
      this.byAddress.delete(oldest);
      this.changed.delete(oldest);
      this.evicted++;
    }
    const device = known ?? fresh(of);
    this.byAddress.set(id, device);
    this.changed.add(id);
    update(device, of);
  }

  records(): BleRecord[] {
    return [...this.byAddress.values()].reverse().map(withRssi);
  }

  forget(isOne: (record: BleRecord) => boolean): number {
    let count = 0;
    for (const [id, device] of this.byAddress) {
      if (!isOne(withRssi(device))) continue;
      this.byAddress.delete(id);
      this.changed.delete(id);
      count++;
    }
    return count;
  }

  takeChanged(): BleRecord[] {
    const records: BleRecord[] = [];
    for (const id of this.changed) {
      const device = this.byAddress.get(id);
      if (device !== undefined) records.push(withRssi(device));
    }
    this.changed.clear();
    return records;
  }
}

function fresh(of: Advertisement): Device {
  return {
    record: {
      address: of.address,
      addressType: of.addressType,
      advertisingData: of.advertisingData.slice(0, MAX_DATA),
      frames: 0,
      firstSeenMs: of.timeMs,
      lastSeenMs: of.timeMs,
      provenance: { address: of.number, addressType: of.number, advertisingData: of.number },
    },
    rssi: new RssiStatistics(),
  };
}

/** A scan response has what the advertisement before it had not: what is absent now stays as it was. */
function update({ record, rssi }: Device, of: Advertisement): void {
  record.frames++;
  record.lastSeenMs = of.timeMs;
  record.advertisingData = of.advertisingData.slice(0, MAX_DATA);
  record.provenance.advertisingData = of.number;
  const format = bleFormat(of.advertisingData);
  if (format !== 'other' || record.format === undefined) {
    record.format = format;
    record.provenance.format = of.number;
  }
  const said = advertisingRecord(of.advertisingData);
  if (said.localName !== undefined && said.localName !== '') {
    record.localName = said.localName.slice(0, MAX_NAME);
    record.provenance.localName = of.number;
  }
  if (said.manufacturerData.length > 0) {
    record.companyId = said.manufacturerData[0].companyId;
    record.provenance.companyId = of.number;
  }
  if (of.rssiDbm !== undefined) rssi.add(of.rssiDbm, of.number);
}

function withRssi({ record, rssi }: Device): BleRecord {
  const provenance = { ...record.provenance };
  if (rssi.count === 0) return { ...record, provenance };
  return { ...record, rssi: rssi.summary(), provenance: { ...provenance, rssi: rssi.frames() } };
}
