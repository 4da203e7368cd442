import { type AdvertisingRecord, advertisingRecord } from '../../../packets/ble/ad-structure.ts';
import { type AltBeacon, altBeaconOf } from '../../../packets/ble/altbeacon.ts';
import { type AdvertisingReport, advertisingReports } from '../../../packets/ble/hci.ts';
import { type IBeacon, iBeaconOf } from '../../../packets/ble/ibeacon.ts';
import type { Dissection } from '../../../packets/dissection.ts';
import { hexField, number, type Protocol, readings, text } from './protocol.ts';

/** LINKTYPE_BLUETOOTH_HCI_H4: an indicator of the transport in front of each packet. */
export const BLUETOOTH_HCI_H4 = 187;
const EVENT = 4;
export const isBluetooth = (linkType: number): boolean => linkType === BLUETOOTH_HCI_H4;

/** Reports are no layers: a radio gives them to the agent beside its frames. */
const reports = (d: Dissection): AdvertisingReport[] =>
  isBluetooth(d.linkType) && d.frame[0] === EVENT
    ? (advertisingReports(d.frame.subarray(1))?.reports ?? [])
    : [];
const read =
  <T>(of: (data: Uint8Array) => T | undefined) =>
  (d: Dissection): T[] =>
    reports(d).flatMap(({ data }) => of(data) ?? []);
interface Structures extends AdvertisingRecord {
  /** Manufacturer data as tshark shows it: an AltBeacon is taken apart, an iBeacon is not. */
  undecoded: string[];
}
const records = read((data): Structures => {
  const record = advertisingRecord(data);
  const beacon = iBeaconOf(data);
  const undecoded =
    altBeaconOf(data) !== undefined
      ? []
      : beacon !== undefined
        ? [iBeaconBytes(beacon)]
        : record.manufacturerData.map((of) => of.data);
  return { ...record, undecoded };
});
/** The body again, from what was read in it: type, length, UUID, major, minor, power at 1 m. */
function iBeaconBytes({ uuid, major, minor, measuredPowerDbm }: IBeacon): string {
  const numbers = Buffer.alloc(5);
  numbers.writeUInt16BE(major, 0);
  numbers.writeUInt16BE(minor, 2);
  numbers.writeInt8(measuredPowerDbm, 4);
  return `0215${uuid}${numbers.toString('hex')}`;
}
const altBeacons = read(altBeaconOf);

/** Bits of the Flags structure (Core Specification Supplement, part A, 1.3). */
const flagBit =
  (bit: number) =>
  (r: AdvertisingRecord): number | undefined =>
    r.flags === undefined ? undefined : (r.flags & bit) / bit;
const RSSI_NOT_AVAILABLE = 127;
const EXTENDED = 0x10;

export const BLE: readonly Protocol[] = [
  readings<AdvertisingReport>(
    'BLE advertising reports',
    'ble',
    [
      text('bthci_evt.bd_addr', (r) => r.address),
      number('bthci_evt.rssi', (r) => r.rssiDbm ?? RSSI_NOT_AVAILABLE),
      number('bthci_evt.le_advts_event_type', (r) => (r.eventType < EXTENDED ? r.eventType : undefined)),
      number('bthci_evt.le_peer_address_type', (r) => (r.addressType === 'public' ? 0 : 1)),
    ],
    (d) => reports(d).length > 0,
    reports,
  ),
  readings<Structures>(
    'BLE AD structures, iBeacon, Eddystone',
    'ble',
    [
      number('btcommon.eir_ad.entry.flags.le_limited_discoverable_mode', flagBit(1)),
      number('btcommon.eir_ad.entry.flags.le_general_discoverable_mode', flagBit(2)),
      number('btcommon.eir_ad.entry.flags.bredr_not_supported', flagBit(4)),
      text('btcommon.eir_ad.entry.device_name', (r) => r.localName),
      number('btcommon.eir_ad.entry.power_level', (r) => r.txPowerDbm),
      number('btcommon.eir_ad.entry.appearance', (r) => r.appearance),
      number('btcommon.eir_ad.entry.company_id', (r) => r.manufacturerData.map((of) => of.companyId)),
      number('btcommon.eir_ad.entry.uuid_16', (r) =>
        [...r.serviceUuids, ...r.serviceData.map(({ uuid }) => uuid)]
          .filter((uuid) => uuid.length === 4)
          .map((uuid) => Number.parseInt(uuid, 16)),
      ),
      hexField('btcommon.eir_ad.entry.service_data', (r) => r.serviceData.map(({ data }) => data)),
      hexField('btcommon.eir_ad.entry.data', (r) => r.undecoded),
    ],
    (d) => records(d).length > 0,
    records,
  ),
  readings<AltBeacon>(
    'AltBeacon',
    'ble',
    [
      hexField('bluetooth.alt_beacon.id', (r) => r.id),
      number('bluetooth.alt_beacon.reference_rssi', (r) => r.referenceRssiDbm),
      number('bluetooth.alt_beacon.manufacturer_data', (r) => r.manufacturerReserved),
    ],
    (d) => altBeacons(d).length > 0,
    altBeacons,
  ),
];
