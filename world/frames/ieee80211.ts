/** 802.11 frames (IEEE 802.11-2020 clause 9), sequence number 0 until `setSequence`, without a check sequence. */
import { le16, type Octets, octets } from './octets.ts';

export const Subtype = {
  associationRequest: 0,
  associationResponse: 1,
  reassociationRequest: 2,
  reassociationResponse: 3,
  probeRequest: 4,
  probeResponse: 5,
  beacon: 8,
  disassociation: 10,
  authentication: 11,
  deauthentication: 12,
  action: 13,
} as const;

const TO_DS = 1;
const FROM_DS = 2;
const POWER_MANAGEMENT = 0x10;
const PROTECTED = 0x40;
const NULL_DATA = 0x48;
const QOS_DATA = 0x88;
const SEQUENCE = 22;

export interface Addresses {
  receiver: Uint8Array;
  transmitter: Uint8Array;
  bssid: Uint8Array;
}

const SIFS_AND_ACK_US = 60;

/** A frame to a group is not acknowledged, so it reserves no time (9.2.5.2). */
const duration = (receiver: Uint8Array): number[] => le16((receiver[0] & 1) === 1 ? 0 : SIFS_AND_ACK_US);

export const management = (subtype: number, to: Addresses, body: Octets): Uint8Array =>
  octets([subtype << 4, 0], duration(to.receiver), to.receiver, to.transmitter, to.bssid, [0, 0], body);

export interface DataAddresses {
  up: boolean;
  bssid: Uint8Array;
  station: Uint8Array;
  /** Up: where it goes; down: where it came from. */
  other: Uint8Array;
  /** Down: to a group instead of to the station. */
  group?: Uint8Array;
}

/** Addresses by table 9-30; QoS data with TID 0, but frames to a group, which are without QoS. */
function dataHeader(of: DataAddresses, flags: number): Uint8Array {
  if (of.up) {
    return octets(
      [QOS_DATA, TO_DS | flags],
      duration(of.bssid),
      of.bssid,
      of.station,
      of.other,
      [0, 0, 0, 0],
    );
  }
  if (of.group) return octets([0x08, FROM_DS | flags, 0, 0], of.group, of.bssid, of.other, [0, 0]);
  const receiver = of.station;
  return octets([QOS_DATA, FROM_DS | flags], duration(receiver), receiver, of.bssid, of.other, [0, 0, 0, 0]);
}

export const data = (of: DataAddresses, body: Octets): Uint8Array => octets(dataHeader(of, 0), body);

export const protectedHeader = (of: DataAddresses): Uint8Array => dataHeader(of, PROTECTED);

/** Keeps the association alive, and says whether the station dozes. */
export const nullData = (bssid: Uint8Array, station: Uint8Array, dozing: boolean): Uint8Array =>
  octets(
    [NULL_DATA, TO_DS | (dozing ? POWER_MANAGEMENT : 0)],
    duration(bssid),
    bssid,
    station,
    bssid,
    [0, 0],
  );

/** Writes the sequence number, modulo 4096, over what is there. */
export function setSequence(frame: Uint8Array, sequence: number): void {
  frame.set(le16((sequence & 0xfff) << 4), SEQUENCE);
}

export const isToGroup = (frame: Uint8Array): boolean => (frame[4] & 1) === 1;
