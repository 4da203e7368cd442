import { hex, text, u16, u32 } from '../bytes.ts';

/** Organisationally specific TLVs of IEEE 802.1Q-2018 annex D. */
export const OUI_802_1 = 0x0080c2;

const Subtype = {
  portVlan: 1,
  protocolVlan: 2,
  vlanName: 3,
  protocolIdentity: 4,
  vidUsageDigest: 5,
  managementVid: 6,
  linkAggregation: 7,
  congestionNotification: 8,
  etsConfiguration: 9,
  etsRecommendation: 10,
  priorityFlowControl: 11,
  applicationPriority: 12,
} as const;

export interface LinkAggregation {
  /** lldp.ieee.802_1.aggregated_cap…: bit 0 capable, bit 1 enabled. */
  capable: boolean;
  enabled: boolean;
  portId: number;
}

export interface EtsRecord {
  /** lldp.dcbx.ieee.ets.* (willing and credit-based shaper only in the configuration) */
  willing?: boolean;
  creditBasedShaper?: boolean;
  maxClasses?: number;
  /** Traffic class of priorities 0 to 7. */
  priorityAssignment: number[];
  bandwidthPercent: number[];
  selectionAlgorithm: number[];
}

export interface Dot1Record {
  /** lldp.ieee.802_1.port_vlan.id; 0 is none. */
  portVlan?: number;
  protocolVlans?: { id: number; flags: number }[];
  /** lldp.ieee.802_1.vlan.id, lldp.ieee.802_1.vlan.name */
  vlanNames?: { id: number; name: string }[];
  protocolIdentities?: string[];
  vidUsageDigest?: number;
  managementVid?: number;
  linkAggregation?: LinkAggregation;
  congestionNotification?: { priorities: number; ready: number };
  etsConfiguration?: EtsRecord;
  etsRecommendation?: EtsRecord;
  priorityFlowControl?: { willing: boolean; macsecBypass: boolean; classes: number; enabled: number };
  /** lldp.dcbx.ieee.app.* : selector 1 EtherType, 2 TCP, 3 UDP, 4 either port, 5 DSCP. */
  applicationPriorities?: { priority: number; selector: number; protocol: number }[];
}

export const linkAggregationOf = (b: Uint8Array, at: number): LinkAggregation => ({
  capable: (b[at] & 1) !== 0,
  enabled: (b[at] & 2) !== 0,
  portId: u32(b, at + 1),
});

const ETS_LENGTH = 21;

function etsOf(b: Uint8Array, at: number, isConfiguration: boolean): EtsRecord {
  const priorityAssignment: number[] = [];
  for (let k = 0; k < 4; k++) priorityAssignment.push(b[at + 1 + k] >> 4, b[at + 1 + k] & 0x0f);
  const record: EtsRecord = {
    priorityAssignment,
    bandwidthPercent: [...b.subarray(at + 5, at + 13)],
    selectionAlgorithm: [...b.subarray(at + 13, at + 21)],
  };
  if (isConfiguration) {
    record.willing = (b[at] & 0x80) !== 0;
    record.creditBasedShaper = (b[at] & 0x40) !== 0;
    record.maxClasses = b[at] & 0x07;
  }
  return record;
}

/** Undefined for a subtype that is not ours, false when the body is too short. */
export function readDot1(
  record: Dot1Record,
  subtype: number,
  b: Uint8Array,
  from: number,
  to: number,
): boolean | undefined {
  const length = to - from;
  switch (subtype) {
    case Subtype.portVlan:
      if (length < 2) return false;
      record.portVlan ??= u16(b, from);
      return true;
    case Subtype.protocolVlan:
      if (length < 3) return false;
      record.protocolVlans ??= [];
      record.protocolVlans.push({ flags: b[from], id: u16(b, from + 1) });
      return true;
    case Subtype.vlanName: {
      if (length < 3 || length < 3 + b[from + 2]) return false;
      record.vlanNames ??= [];
      record.vlanNames.push({ id: u16(b, from), name: text(b, from + 3, from + 3 + b[from + 2]) });
      return true;
    }
    case Subtype.protocolIdentity:
      if (length < 1 || length < 1 + b[from]) return false;
      record.protocolIdentities ??= [];
      record.protocolIdentities.push(hex(b, from + 1, from + 1 + b[from]));
      return true;
    case Subtype.vidUsageDigest:
      if (length < 4) return false;
      record.vidUsageDigest ??= u32(b, from);
      return true;
    case Subtype.managementVid:
      if (length < 2) return false;
      record.managementVid ??= u16(b, from);
      return true;
    case Subtype.linkAggregation:
      if (length < 5) return false;
      record.linkAggregation ??= linkAggregationOf(b, from);
      return true;
    case Subtype.congestionNotification:
      if (length < 2) return false;
      record.congestionNotification ??= { priorities: b[from], ready: b[from + 1] };
      return true;
    case Subtype.etsConfiguration:
      if (length < ETS_LENGTH) return false;
      record.etsConfiguration ??= etsOf(b, from, true);
      return true;
    case Subtype.etsRecommendation:
      if (length < ETS_LENGTH) return false;
      record.etsRecommendation ??= etsOf(b, from, false);
      return true;
    case Subtype.priorityFlowControl:
      if (length < 2) return false;
      record.priorityFlowControl ??= {
        willing: (b[from] & 0x80) !== 0,
        macsecBypass: (b[from] & 0x40) !== 0,
        classes: b[from] & 0x0f,
        enabled: b[from + 1],
      };
      return true;
    case Subtype.applicationPriority:
      if (length < 1) return false;
      record.applicationPriorities ??= [];
      for (let at = from + 1; at + 3 <= to; at += 3) {
        record.applicationPriorities.push({
          priority: b[at] >> 5,
          selector: b[at] & 7,
          protocol: u16(b, at + 1),
        });
      }
      return (length - 1) % 3 === 0;
    default:
      return undefined;
  }
}
