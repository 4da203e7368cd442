import { i8, u16le } from '../little-endian.ts';
import { type BleAddressType, bleAddressText, bleAddressType } from './address.ts';

/** Advertising reports of the host controller interface (Core 5.4, volume 4, part E, 7.7.65). */

const EVENT_LE_META = 0x3e;
const SUBEVENT_REPORT = 0x02;
const SUBEVENT_EXTENDED_REPORT = 0x0d;

/** "RSSI is not available", and the extended report's "no transmit power". */
const NOT_AVAILABLE = 127;

const REPORT_FIXED = 9;
const EXTENDED_FIXED = 24;

export interface AdvertisingReport {
  address: string;
  addressType: BleAddressType;
  /** Legacy: 0 connectable, 1 directed, 2 scannable, 3 neither, 4 scan response. Extended: bits of 7.7.65.13. */
  eventType: number;
  /** dBm; absent when the radio had none. */
  rssiDbm?: number;
  txPowerDbm?: number;
  data: Uint8Array;
}

/** An advertiser, however it was heard. */
export type Heard = Pick<AdvertisingReport, 'address' | 'addressType' | 'rssiDbm' | 'data'>;

export interface AdvertisingReports {
  reports: AdvertisingReport[];
  /** The event announced more than it holds; the reports before that are good. */
  truncated: boolean;
}

const available = (value: number): number | undefined => (value === NOT_AVAILABLE ? undefined : value);

/** Address types 1 and 3 are random; 0xff is an anonymous advertisement, which has no address. */
const addressTypeOf = (b: Uint8Array, at: number, address: string): BleAddressType =>
  bleAddressType(address, b[at] === 1 || b[at] === 3);

/**
 * Reads an HCI event packet from its event code on (without the transport's packet indicator). Undefined when
 * it is no advertising report. `data` of a report shares the bytes of `b`.
 */
export function advertisingReports(b: Uint8Array): AdvertisingReports | undefined {
  if (b.length < 4 || b[0] !== EVENT_LE_META) return undefined;
  const isExtended = b[2] === SUBEVENT_EXTENDED_REPORT;
  if (!isExtended && b[2] !== SUBEVENT_REPORT) return undefined;
  const end = Math.min(b.length, 2 + b[1]);
  const result: AdvertisingReports = { reports: [], truncated: end < 2 + b[1] };
  let at = 4;
  for (let k = 0; k < b[3]; k++) {
    const next = isExtended ? readExtended(result, b, at, end) : readLegacy(result, b, at, end);
    if (next < 0) {
      result.truncated = true;
      break;
    }
    at = next;
  }
  return result;
}

/** Offset behind the report at `at`, or −1 when it does not fit. */
function readLegacy(result: AdvertisingReports, b: Uint8Array, at: number, end: number): number {
  if (at + REPORT_FIXED > end) return -1;
  const dataEnd = at + REPORT_FIXED + b[at + 8];
  if (dataEnd + 1 > end) return -1;
  const address = bleAddressText(b, at + 2);
  result.reports.push({
    address,
    addressType: addressTypeOf(b, at + 1, address),
    eventType: b[at],
    rssiDbm: available(i8(b, dataEnd)),
    data: b.subarray(at + REPORT_FIXED, dataEnd),
  });
  return dataEnd + 1;
}

function readExtended(result: AdvertisingReports, b: Uint8Array, at: number, end: number): number {
  if (at + EXTENDED_FIXED > end) return -1;
  const dataEnd = at + EXTENDED_FIXED + b[at + 23];
  if (dataEnd > end) return -1;
  const address = bleAddressText(b, at + 3);
  result.reports.push({
    address,
    addressType: addressTypeOf(b, at + 2, address),
    eventType: u16le(b, at),
    txPowerDbm: available(i8(b, at + 12)),
    rssiDbm: available(i8(b, at + 13)),
    data: b.subarray(at + EXTENDED_FIXED, dataEnd),
  });
  return dataEnd;
}
