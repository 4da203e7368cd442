/** BLE link layer packets on an advertising channel (Core Specification vol. 6 part B 2.1, 2.3), LINKTYPE 256. */
import { le16, le32, macBytes, octets } from './octets.ts';

/** LINKTYPE_BLUETOOTH_LE_LL_WITH_PHDR. */
export const LINKTYPE_BLE = 256;
const ADVERTISING_ACCESS_ADDRESS = 0x8e89bed6;

/** CRC-24 of 3.1.1, bits in the order of transmission; the result's bytes in the order in which they go out. */
function crc24(bytes: Uint8Array): number[] {
  // Initial value 0x555555; a register that shifts right holds it, and the polynomial, reversed.
  let crc = 0xaaaaaa;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xda6000 : crc >>> 1;
  }
  return [crc & 0xff, (crc >>> 8) & 0xff, (crc >>> 16) & 0xff];
}

export interface BleAdvertisement {
  /** `aa:bb:cc:dd:ee:ff`, the most significant byte first. */
  address: string;
  random: boolean;
  connectable: boolean;
  advertisingData: Uint8Array;
}

/** 0: channel 37 at 2402 MHz, 12: 38 at 2426, 39: 39 at 2480 (vol. 6 part B 1.4.1, as RF channels). */
export type RfChannel = 0 | 12 | 39;

/** ADV_IND or ADV_NONCONN_IND with the pseudo header that says how it was received. */
export function bleAdvertisement(of: BleAdvertisement, channel: RfChannel, rssiDbm: number): Uint8Array {
  const payload = octets(macBytes(of.address).reverse(), of.advertisingData);
  const pdu = octets([(of.connectable ? 0x00 : 0x02) | (of.random ? 0x40 : 0), payload.length], payload);
  // Dewhitened, signal power valid, reference access address valid, CRC checked and right.
  const flags = 0x0001 | 0x0002 | 0x0010 | 0x0400 | 0x0800;
  return octets(
    [channel, rssiDbm & 0xff, 0x80, 0],
    le32(ADVERTISING_ACCESS_ADDRESS),
    le16(flags),
    le32(ADVERTISING_ACCESS_ADDRESS),
    pdu,
    crc24(pdu),
  );
}
