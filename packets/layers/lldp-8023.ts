import { u16, u24 } from '../bytes.ts';
import { type LinkAggregation, linkAggregationOf } from './lldp-8021.ts';

/** Organisationally specific TLVs of IEEE 802.3-2018 clause 79. */
export const OUI_802_3 = 0x00120f;

const Subtype = {
  macPhy: 1,
  powerViaMdi: 2,
  linkAggregation: 3,
  maxFrameSize: 4,
  eee: 5,
  eeeFastWake: 6,
  additionalCapabilities: 7,
} as const;

/** Lengths of power via MDI behind the subtype: 802.3af, with the at extension, with the bt extension. */
const POWER_AF = 3;
const POWER_AT = 8;
const POWER_BT = 25;

export interface PowerViaMdi {
  /** lldp.ieee.802_3.mdi_power_support and its bits */
  support: number;
  isPse: boolean;
  supported: boolean;
  enabled: boolean;
  pairControl: boolean;
  /** lldp.ieee.802_3.mdi_pse_power_pair, lldp.ieee.802_3.mdi_power_class (0 is class 0: one less than sent) */
  powerPair: number;
  powerClass: number;
  /** 802.3at, 79.3.2.4 ff. Powers in watts. */
  type?: number;
  source?: number;
  priority?: number;
  pdRequestedW?: number;
  pseAllocatedW?: number;
  /** 802.3bt, 79.3.2.6b ff. */
  bt?: {
    pdRequestedModeAW: number;
    pdRequestedModeBW: number;
    pseAllocatedAlternativeAW: number;
    pseAllocatedAlternativeBW: number;
    powerStatus: number;
    systemSetup: number;
    pseMaximumAvailableW: number;
    autoclass: number;
    powerDown: number;
  };
}

export interface Dot3Record {
  /** lldp.ieee.802_3.mac_phy_auto_neg_status, .pmd_auto_neg_advertise, .operational_mau_type */
  macPhy?: { autoNegotiation: number; advertised: number; operationalMau: number };
  power?: PowerViaMdi;
  linkAggregation?: LinkAggregation;
  /** lldp.ieee.802_3.max_frame_size, bytes */
  maxFrameSize?: number;
  /** lldp.ieee.802_3.eee.*, microseconds */
  eee?: {
    transmitUs: number;
    receiveUs: number;
    fallbackUs: number;
    echoTransmitUs: number;
    echoReceiveUs: number;
  };
  eeeFastWake?: { transmit: number; receive: number; echoTransmit: number; echoReceive: number };
  additionalCapabilities?: number;
}

const watts = (b: Uint8Array, at: number): number => u16(b, at) / 10;

function powerOf(b: Uint8Array, at: number, length: number): PowerViaMdi {
  const record: PowerViaMdi = {
    support: b[at],
    isPse: (b[at] & 1) !== 0,
    supported: (b[at] & 2) !== 0,
    enabled: (b[at] & 4) !== 0,
    pairControl: (b[at] & 8) !== 0,
    powerPair: b[at + 1],
    powerClass: b[at + 2] - 1,
  };
  if (length < POWER_AT) return record;
  record.type = b[at + 3] >> 6;
  record.source = (b[at + 3] >> 4) & 3;
  record.priority = b[at + 3] & 3;
  record.pdRequestedW = watts(b, at + 4);
  record.pseAllocatedW = watts(b, at + 6);
  if (length < POWER_BT) return record;
  record.bt = {
    pdRequestedModeAW: watts(b, at + 8),
    pdRequestedModeBW: watts(b, at + 10),
    pseAllocatedAlternativeAW: watts(b, at + 12),
    pseAllocatedAlternativeBW: watts(b, at + 14),
    powerStatus: u16(b, at + 16),
    systemSetup: b[at + 18],
    pseMaximumAvailableW: watts(b, at + 19),
    autoclass: b[at + 21],
    powerDown: u24(b, at + 22),
  };
  return record;
}

/** Undefined for a subtype that is not ours, false when the body is too short. */
export function readDot3(
  record: Dot3Record,
  subtype: number,
  b: Uint8Array,
  from: number,
  to: number,
): boolean | undefined {
  const length = to - from;
  switch (subtype) {
    case Subtype.macPhy:
      if (length < 5) return false;
      record.macPhy ??= {
        autoNegotiation: b[from],
        advertised: u16(b, from + 1),
        operationalMau: u16(b, from + 3),
      };
      return true;
    case Subtype.powerViaMdi:
      if (length < POWER_AF) return false;
      record.power ??= powerOf(b, from, length);
      return true;
    case Subtype.linkAggregation:
      if (length < 5) return false;
      record.linkAggregation ??= linkAggregationOf(b, from);
      return true;
    case Subtype.maxFrameSize:
      if (length < 2) return false;
      record.maxFrameSize ??= u16(b, from);
      return true;
    case Subtype.eee:
      if (length < 10) return false;
      record.eee ??= {
        transmitUs: u16(b, from),
        receiveUs: u16(b, from + 2),
        fallbackUs: u16(b, from + 4),
        echoTransmitUs: u16(b, from + 6),
        echoReceiveUs: u16(b, from + 8),
      };
      return true;
    case Subtype.eeeFastWake:
      if (length < 4) return false;
      record.eeeFastWake ??= {
        transmit: b[from],
        receive: b[from + 1],
        echoTransmit: b[from + 2],
        echoReceive: b[from + 3],
      };
      return true;
    case Subtype.additionalCapabilities:
      if (length < 2) return false;
      record.additionalCapabilities ??= u16(b, from);
      return true;
    default:
      return undefined;
  }
}
