import { u16le } from '../little-endian.ts';

/** Types of IEEE 802.11-2020 table 9-1. */
export const TYPE_MANAGEMENT = 0;
export const TYPE_CONTROL = 1;
export const TYPE_DATA = 2;
export const TYPE_EXTENSION = 3;

export const Management = {
  associationRequest: 0,
  associationResponse: 1,
  reassociationRequest: 2,
  reassociationResponse: 3,
  probeRequest: 4,
  probeResponse: 5,
  timingAdvertisement: 6,
  beacon: 8,
  atim: 9,
  disassociation: 10,
  authentication: 11,
  deauthentication: 12,
  action: 13,
  actionNoAck: 14,
} as const;

export const Control = {
  trigger: 2,
  tack: 3,
  beamformingReportPoll: 4,
  ndpAnnouncement: 5,
  extension: 6,
  wrapper: 7,
  blockAckRequest: 8,
  blockAck: 9,
  psPoll: 10,
  rts: 11,
  cts: 12,
  ack: 13,
  cfEnd: 14,
  cfEndAck: 15,
} as const;

const SUBTYPE_QOS = 0x08;
const SUBTYPE_NULL = 0x04;

const FLAG_TO_DS = 0x01;
const FLAG_FROM_DS = 0x02;
const FLAG_MORE_FRAGMENTS = 0x04;
const FLAG_RETRY = 0x08;
const FLAG_POWER_MANAGEMENT = 0x10;
const FLAG_MORE_DATA = 0x20;
const FLAG_PROTECTED = 0x40;
const FLAG_ORDER = 0x80;

const SHORT_CONTROL = 10;
const LONG_CONTROL = 16;
const THREE_ADDRESSES = 24;
const ADDRESS = 6;
const QOS_CONTROL = 2;
export const HT_CONTROL = 4;

/** Frame control field, 9.2.4.1; `s` is the start of the 802.11 layer in all that follows. */
export const frameVersion = (b: Uint8Array, s: number): number => b[s] & 3;
export const frameType = (b: Uint8Array, s: number): number => (b[s] >> 2) & 3;
export const frameSubtype = (b: Uint8Array, s: number): number => b[s] >> 4;
export const toDs = (b: Uint8Array, s: number): boolean => (b[s + 1] & FLAG_TO_DS) !== 0;
export const fromDs = (b: Uint8Array, s: number): boolean => (b[s + 1] & FLAG_FROM_DS) !== 0;
export const moreFragments = (b: Uint8Array, s: number): boolean => (b[s + 1] & FLAG_MORE_FRAGMENTS) !== 0;
export const isRetry = (b: Uint8Array, s: number): boolean => (b[s + 1] & FLAG_RETRY) !== 0;
export const powerManagement = (b: Uint8Array, s: number): boolean =>
  (b[s + 1] & FLAG_POWER_MANAGEMENT) !== 0;
export const moreData = (b: Uint8Array, s: number): boolean => (b[s + 1] & FLAG_MORE_DATA) !== 0;
export const isProtected = (b: Uint8Array, s: number): boolean => (b[s + 1] & FLAG_PROTECTED) !== 0;
export const hasOrder = (b: Uint8Array, s: number): boolean => (b[s + 1] & FLAG_ORDER) !== 0;

export const isManagement = (b: Uint8Array, s: number): boolean => frameType(b, s) === TYPE_MANAGEMENT;
export const isControl = (b: Uint8Array, s: number): boolean => frameType(b, s) === TYPE_CONTROL;
export const isData = (b: Uint8Array, s: number): boolean => frameType(b, s) === TYPE_DATA;
export const isQosData = (b: Uint8Array, s: number): boolean =>
  isData(b, s) && (frameSubtype(b, s) & SUBTYPE_QOS) !== 0;
/** Null, QoS Null and the CF frames without data. */
export const isWithoutData = (b: Uint8Array, s: number): boolean => (frameSubtype(b, s) & SUBTYPE_NULL) !== 0;

const isFourAddress = (b: Uint8Array, s: number): boolean => (b[s + 1] & 3) === 3;

function controlLength(b: Uint8Array, s: number): number {
  switch (frameSubtype(b, s)) {
    case Control.cts:
    case Control.ack:
      return SHORT_CONTROL;
    case Control.wrapper:
      // Carried frame control and HT control stand between the first address and the rest, 9.3.1.10.
      return SHORT_CONTROL + 2 + HT_CONTROL;
    default:
      return LONG_CONTROL;
  }
}

/** Bytes of the MAC header, QoS control and HT control included (9.2.3). Reads the first two bytes only. */
export function macHeaderLength(b: Uint8Array, s: number): number {
  const order = hasOrder(b, s) ? HT_CONTROL : 0;
  switch (frameType(b, s)) {
    case TYPE_MANAGEMENT:
      return THREE_ADDRESSES + order;
    case TYPE_CONTROL:
      return controlLength(b, s);
    case TYPE_DATA: {
      const addresses = THREE_ADDRESSES + (isFourAddress(b, s) ? ADDRESS : 0);
      // Without QoS the bit means strict ordering, and no HT control follows, 9.2.4.1.10.
      return isQosData(b, s) ? addresses + QOS_CONTROL + order : addresses;
    }
    default:
      return SHORT_CONTROL;
  }
}

export const durationUs = (b: Uint8Array, s: number): number => u16le(b, s + 2) & 0x7fff;
/** Association id of a PS-Poll, 9.3.1.5. */
export const associationIdOf = (b: Uint8Array, s: number): number => u16le(b, s + 2) & 0x3fff;

/** Offset in the frame of the first address, which is the receiver's. */
export const ADDRESS_1 = 4;
export const ADDRESS_2 = 10;
export const ADDRESS_3 = 16;
const SEQUENCE = 22;
export const ADDRESS_4 = 24;

/** The following offsets are from the start of the frame; −1 when the frame has no such address. */
export const receiverOffset = (s: number): number => s + ADDRESS_1;

export function transmitterOffset(b: Uint8Array, s: number): number {
  switch (frameType(b, s)) {
    case TYPE_MANAGEMENT:
    case TYPE_DATA:
      return s + ADDRESS_2;
    case TYPE_CONTROL:
      return controlLength(b, s) === LONG_CONTROL ? s + ADDRESS_2 : -1;
    default:
      return -1;
  }
}

/** BSSID, table 9-30 for data; −1 in four-address frames. */
export function bssidOffset(b: Uint8Array, s: number): number {
  switch (frameType(b, s)) {
    case TYPE_MANAGEMENT:
      return s + ADDRESS_3;
    case TYPE_DATA:
      switch (b[s + 1] & 3) {
        case 0:
          return s + ADDRESS_3;
        case FLAG_TO_DS:
          return s + ADDRESS_1;
        case FLAG_FROM_DS:
          return s + ADDRESS_2;
        default:
          return -1;
      }
    case TYPE_CONTROL:
      switch (frameSubtype(b, s)) {
        case Control.psPoll:
          return s + ADDRESS_1;
        case Control.cfEnd:
        case Control.cfEndAck:
          return s + ADDRESS_2;
        default:
          return -1;
      }
    default:
      return -1;
  }
}

/** Destination of an MSDU that is not in an A-MSDU. */
export function destinationOffset(b: Uint8Array, s: number): number {
  if (isManagement(b, s)) return s + ADDRESS_1;
  if (!isData(b, s)) return -1;
  return toDs(b, s) ? s + ADDRESS_3 : s + ADDRESS_1;
}

/** Source of an MSDU that is not in an A-MSDU. */
export function sourceOffset(b: Uint8Array, s: number): number {
  if (isManagement(b, s)) return s + ADDRESS_2;
  if (!isData(b, s)) return -1;
  if (!fromDs(b, s)) return s + ADDRESS_2;
  return toDs(b, s) ? s + ADDRESS_4 : s + ADDRESS_3;
}

/**
 * The client station's address in an infrastructure BSS, seen from either side: the station that is not the
 * BSSID. −1 for control, four-address and group-addressed frames.
 */
export function stationOffset(b: Uint8Array, s: number): number {
  let at = -1;
  if (isData(b, s)) {
    const direction = b[s + 1] & 3;
    if (direction === FLAG_TO_DS) at = s + ADDRESS_2;
    else if (direction === FLAG_FROM_DS) at = s + ADDRESS_1;
  } else if (isManagement(b, s)) {
    at = s + ADDRESS_2;
    for (let k = 0; k < ADDRESS; k++) {
      if (b[s + ADDRESS_2 + k] !== b[s + ADDRESS_3 + k]) return at;
    }
    at = s + ADDRESS_1;
  }
  return at >= 0 && (b[at] & 1) === 0 ? at : -1;
}

/** 9.2.4.4; management and data only. */
export const sequenceNumber = (b: Uint8Array, s: number): number => u16le(b, s + SEQUENCE) >> 4;
export const fragmentNumber = (b: Uint8Array, s: number): number => b[s + SEQUENCE] & 0x0f;

export const qosOffset = (b: Uint8Array, s: number): number =>
  s + THREE_ADDRESSES + (isFourAddress(b, s) ? ADDRESS : 0);
/** Traffic identifier of a QoS data frame, 0 to 15. */
export const trafficId = (b: Uint8Array, s: number): number => b[qosOffset(b, s)] & 0x0f;
export const isAggregateMsdu = (b: Uint8Array, s: number): boolean =>
  isQosData(b, s) && (b[qosOffset(b, s)] & 0x80) !== 0;
