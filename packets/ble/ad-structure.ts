import { hex, text } from '../bytes.ts';
import { i8, u16le } from '../little-endian.ts';

/**
 * Advertising data: structures of length, type and value (Bluetooth Core 5.4, volume 3, part C, clause 11).
 * A length of 0 ends the significant part early.
 */

/** Types of the assigned numbers, 2.3. */
export const AdType = {
  flags: 0x01,
  uuids16Incomplete: 0x02,
  uuids16: 0x03,
  uuids32Incomplete: 0x04,
  uuids32: 0x05,
  uuids128Incomplete: 0x06,
  uuids128: 0x07,
  shortenedName: 0x08,
  completeName: 0x09,
  txPower: 0x0a,
  serviceData16: 0x16,
  appearance: 0x19,
  serviceData32: 0x20,
  serviceData128: 0x21,
  manufacturerData: 0xff,
} as const;

/** Offset of the first whole structure of `type` between `from` and `to`, or −1. Its value starts at +2. */
export function findAd(b: Uint8Array, from: number, to: number, type: number): number {
  let at = from;
  while (at + 2 <= to && b[at] !== 0) {
    const next = at + 1 + b[at];
    if (next > to) return -1;
    if (b[at + 1] === type) return at;
    at = next;
  }
  return -1;
}

/** End of the value of the structure at `at`. */
export const adEnd = (b: Uint8Array, at: number): number => at + 1 + b[at];

export interface AdvertisingRecord {
  /** Discoverability and transports. */
  flags?: number;
  localName?: string;
  /** Whether the name is whole. */
  nameComplete?: boolean;
  /** dBm at the antenna of the sender. */
  txPowerDbm?: number;
  appearance?: number;
  /** Service UUIDs, in full form for 128 bits, four or eight digits otherwise. */
  serviceUuids: string[];
  /** By UUID, hexadecimal. */
  serviceData: { uuid: string; data: string }[];
  manufacturerData: { companyId: number; data: string }[];
  other: { type: number; data: string }[];
  /** A structure that announced more than there is: offset from the start of the data. */
  malformedAt?: number;
}

/** UUIDs stand in the frame least significant byte first. */
function uuidText(b: Uint8Array, at: number, size: number): string {
  let digits = '';
  for (let k = size - 1; k >= 0; k--) digits += b[at + k].toString(16).padStart(2, '0');
  return size === 16 ? digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') : digits;
}

function readUuids(record: AdvertisingRecord, b: Uint8Array, from: number, to: number, size: number): void {
  for (let at = from; at + size <= to; at += size) record.serviceUuids.push(uuidText(b, at, size));
}

function readServiceData(
  record: AdvertisingRecord,
  b: Uint8Array,
  from: number,
  to: number,
  size: number,
): void {
  if (from + size > to) return;
  record.serviceData.push({ uuid: uuidText(b, from, size), data: hex(b, from + size, to) });
}

function readStructure(
  record: AdvertisingRecord,
  b: Uint8Array,
  type: number,
  from: number,
  to: number,
): void {
  const length = to - from;
  switch (type) {
    case AdType.flags:
      if (length >= 1) record.flags ??= b[from];
      return;
    case AdType.uuids16Incomplete:
    case AdType.uuids16:
      readUuids(record, b, from, to, 2);
      return;
    case AdType.uuids32Incomplete:
    case AdType.uuids32:
      readUuids(record, b, from, to, 4);
      return;
    case AdType.uuids128Incomplete:
    case AdType.uuids128:
      readUuids(record, b, from, to, 16);
      return;
    case AdType.shortenedName:
      if (record.localName !== undefined) return;
      record.localName = text(b, from, to);
      record.nameComplete = false;
      return;
    case AdType.completeName:
      record.localName = text(b, from, to);
      record.nameComplete = true;
      return;
    case AdType.txPower:
      if (length >= 1) record.txPowerDbm ??= i8(b, from);
      return;
    case AdType.appearance:
      if (length >= 2) record.appearance ??= u16le(b, from);
      return;
    case AdType.serviceData16:
      readServiceData(record, b, from, to, 2);
      return;
    case AdType.serviceData32:
      readServiceData(record, b, from, to, 4);
      return;
    case AdType.serviceData128:
      readServiceData(record, b, from, to, 16);
      return;
    case AdType.manufacturerData:
      if (length >= 2)
        record.manufacturerData.push({ companyId: u16le(b, from), data: hex(b, from + 2, to) });
      return;
    default:
      record.other.push({ type, data: hex(b, from, to) });
  }
}

/** All structures between `from` and `to`; those before a broken one when there is one. */
export function advertisingRecord(b: Uint8Array, from = 0, to = b.length): AdvertisingRecord {
  const record: AdvertisingRecord = { serviceUuids: [], serviceData: [], manufacturerData: [], other: [] };
  for (let at = from; at < to && b[at] !== 0; ) {
    const next = at + 1 + b[at];
    if (next > to) {
      record.malformedAt = at - from;
      break;
    }
    readStructure(record, b, b[at + 1], at + 2, next);
    at = next;
  }
  return record;
}
