import { u16 } from '../bytes.ts';
import { LinkType } from '../linktype.ts';
import { i8, u16le } from '../little-endian.ts';
import { advertisingReports, type Heard } from './hci.ts';
import { advertisingPdu } from './link-layer.ts';

const NOBODY: readonly Heard[] = [];

/** Packet indicator of the UART transport (Core 5.4, volume 4, part A, 2). */
const H4_EVENT = 4;
const H4_INDICATOR = 1;
const DIRECTION = 4;
/** Adapter and opcode of the Linux monitor channel. */
const MONITOR_HEADER = 4;
const MONITOR_EVENT = 3;

/** Pseudo-header of LINKTYPE_BLUETOOTH_LE_LL_WITH_PHDR: channel, signal, noise, …, flags. */
const RADIO_HEADER = 10;
const RADIO_SIGNAL = 1;
const RADIO_FLAGS = 8;
const RadioFlag = { dewhitened: 0x0001, signalValid: 0x0002, crcChecked: 0x0400, crcValid: 0x0800 } as const;
const PHY_CODED = 2;

/**
 * Who advertises in a frame of a Bluetooth capture: bytes `start` to `end` of `b`. Nobody in frames of other link
 * types, and in those that a radio knows to be damaged. `data` shares the bytes of `b`.
 */
export function advertisersIn(b: Uint8Array, start: number, end: number, linkType: number): readonly Heard[] {
  switch (linkType) {
    case LinkType.bluetoothHciH4:
      return b[start] === H4_EVENT ? event(b, start + H4_INDICATOR, end) : NOBODY;
    case LinkType.bluetoothHciH4WithPhdr: {
      const at = start + DIRECTION;
      return at < end && b[at] === H4_EVENT ? event(b, at + H4_INDICATOR, end) : NOBODY;
    }
    case LinkType.bluetoothLinuxMonitor: {
      const at = start + MONITOR_HEADER;
      return at < end && u16(b, start + 2) === MONITOR_EVENT ? event(b, at, end) : NOBODY;
    }
    case LinkType.bluetoothLeLl:
      return one(advertisingPdu(b, start, end));
    case LinkType.bluetoothLeLlWithPhdr:
      return fromRadio(b, start, end);
    default:
      return NOBODY;
  }
}

const one = (heard: Heard | undefined): readonly Heard[] => (heard === undefined ? NOBODY : [heard]);

const event = (b: Uint8Array, start: number, end: number): readonly Heard[] =>
  start < end ? (advertisingReports(b.subarray(start, end))?.reports ?? NOBODY) : NOBODY;

function fromRadio(b: Uint8Array, start: number, end: number): readonly Heard[] {
  const packet = start + RADIO_HEADER;
  if (packet > end) return NOBODY;
  const flags = u16le(b, start + RADIO_FLAGS);
  const isDamaged = (flags & RadioFlag.crcChecked) !== 0 && (flags & RadioFlag.crcValid) === 0;
  // The coded physical layer puts a coding indicator between access address and PDU.
  if (isDamaged || (flags & RadioFlag.dewhitened) === 0 || flags >> 14 === PHY_CODED) return NOBODY;
  const heard = advertisingPdu(b, packet, end);
  if (heard !== undefined && (flags & RadioFlag.signalValid) !== 0)
    heard.rssiDbm = i8(b, start + RADIO_SIGNAL);
  return one(heard);
}
