import { macText } from '../bytes.ts';
import { u16le, u64le } from '../little-endian.ts';
import { type ActionRecord, actionElementsAt, actionFixedLength, actionRecord } from './ieee80211-action.ts';
import { Management } from './ieee80211-header.ts';

/** Fixed fields of management frames (IEEE 802.11-2020 9.3.3); `body` is the first byte behind the MAC header. */

export const AuthAlgorithm = {
  open: 0,
  sharedKey: 1,
  fastBssTransition: 2,
  sae: 3,
  fils: 4,
  filsPfs: 5,
  filsPublicKey: 6,
} as const;

const AUTH_FIXED = 6;

export const authAlgorithm = (b: Uint8Array, body: number): number => u16le(b, body);
export const authSequence = (b: Uint8Array, body: number): number => u16le(b, body + 2);
export const authStatus = (b: Uint8Array, body: number): number => u16le(b, body + 4);
/** Status code of an association or reassociation response. */
export const associationStatus = (b: Uint8Array, body: number): number => u16le(b, body + 2);
/** Reason code of a deauthentication or disassociation. */
export const reasonCode = (b: Uint8Array, body: number): number => u16le(b, body);
/** Capability information, 9.4.1.4; −1 in subtypes that have none. */
export function capabilityInfo(b: Uint8Array, body: number, subtype: number): number {
  switch (subtype) {
    case Management.associationRequest:
    case Management.associationResponse:
    case Management.reassociationRequest:
    case Management.reassociationResponse:
      return u16le(b, body);
    case Management.timingAdvertisement:
      return u16le(b, body + 8);
    case Management.probeResponse:
    case Management.beacon:
      return u16le(b, body + 10);
    default:
      return -1;
  }
}

/** Bytes of fixed fields in front of the elements; reads no byte at or beyond `end`. */
export function fixedLength(b: Uint8Array, body: number, end: number, subtype: number): number {
  switch (subtype) {
    case Management.associationRequest:
      return 4;
    case Management.associationResponse:
    case Management.reassociationResponse:
      return 6;
    case Management.reassociationRequest:
    case Management.timingAdvertisement:
      return 10;
    case Management.probeResponse:
    case Management.beacon:
      return 12;
    case Management.disassociation:
    case Management.deauthentication:
      return 2;
    case Management.authentication:
      return AUTH_FIXED;
    case Management.action:
    case Management.actionNoAck:
      return actionFixedLength(b, body, end);
    default:
      return 0;
  }
}

/**
 * Offset of the first element behind the fixed fields, or −1 where what follows them is something else.
 * The fixed fields must fit.
 */
export function elementsAt(b: Uint8Array, body: number, end: number, subtype: number): number {
  switch (subtype) {
    case Management.atim:
    case 7:
    case 15:
      return -1;
    case Management.authentication: {
      // SAE (and FILS public key) put group, scalar and element, whose lengths the group decides, first.
      const algorithm = authAlgorithm(b, body);
      return algorithm <= AuthAlgorithm.fastBssTransition ? body + AUTH_FIXED : -1;
    }
    case Management.action:
    case Management.actionNoAck:
      return actionElementsAt(b, body, end);
    default:
      return body + fixedLength(b, body, end, subtype);
  }
}

export interface CapabilityRecord {
  /** wlan.fixed.capabilities and its bits that still mean something. */
  value: number;
  ess: boolean;
  ibss: boolean;
  privacy: boolean;
  shortPreamble: boolean;
  spectrumManagement: boolean;
  qos: boolean;
  shortSlotTime: boolean;
  apsd: boolean;
  radioMeasurement: boolean;
}

export const capabilityRecord = (value: number): CapabilityRecord => ({
  value,
  ess: (value & 0x0001) !== 0,
  ibss: (value & 0x0002) !== 0,
  privacy: (value & 0x0010) !== 0,
  shortPreamble: (value & 0x0020) !== 0,
  spectrumManagement: (value & 0x0100) !== 0,
  qos: (value & 0x0200) !== 0,
  shortSlotTime: (value & 0x0400) !== 0,
  apsd: (value & 0x0800) !== 0,
  radioMeasurement: (value & 0x1000) !== 0,
});

/** SAE commit and confirm, 9.4.1.40 ff.; the rest of the body depends on the group. */
export interface SaeRecord {
  groupId?: number;
  sendConfirm?: number;
}

export interface ManagementFixedRecord {
  /** wlan.fixed.timestamp, microseconds as decimal text; wlan.fixed.beacon, time units of 1024 us. */
  timestamp?: string;
  beacon?: number;
  capabilities?: CapabilityRecord;
  listenInterval?: number;
  currentAp?: string;
  statusCode?: number;
  /** wlan.fixed.aid, without its two top bits. */
  aid?: number;
  reasonCode?: number;
  auth?: { alg: number; seq: number; sae?: SaeRecord };
  action?: ActionRecord;
}

const SAE_SUCCESS = 0;
/** Status codes of a commit by hash-to-element and by SAE-PK, table 9-50. */
const SAE_HASH_TO_ELEMENT = 126;
const SAE_PK = 127;

function saeRecord(b: Uint8Array, body: number, end: number): SaeRecord | undefined {
  const status = authStatus(b, body);
  if (body + AUTH_FIXED + 2 > end) return undefined;
  const value = u16le(b, body + AUTH_FIXED);
  if (authSequence(b, body) === 2) return { sendConfirm: value };
  const isCommit = status === SAE_SUCCESS || status === SAE_HASH_TO_ELEMENT || status === SAE_PK;
  // Status 76 asks for an anti-clogging token and 77 refuses a group; both name the group too.
  return isCommit || status === 76 || status === 77 ? { groupId: value } : undefined;
}

/** The fixed fields, which must fit, as a record. */
export function fixedRecord(
  b: Uint8Array,
  body: number,
  end: number,
  subtype: number,
): ManagementFixedRecord {
  const capabilities = capabilityInfo(b, body, subtype);
  const record: ManagementFixedRecord = {};
  if (capabilities >= 0) record.capabilities = capabilityRecord(capabilities);
  switch (subtype) {
    case Management.associationRequest:
      record.listenInterval = u16le(b, body + 2);
      break;
    case Management.reassociationRequest:
      record.listenInterval = u16le(b, body + 2);
      record.currentAp = macText(b, body + 4);
      break;
    case Management.associationResponse:
    case Management.reassociationResponse:
      record.statusCode = associationStatus(b, body);
      record.aid = u16le(b, body + 4) & 0x3fff;
      break;
    case Management.probeResponse:
    case Management.beacon:
      record.timestamp = u64le(b, body).toString();
      record.beacon = u16le(b, body + 8);
      break;
    case Management.timingAdvertisement:
      record.timestamp = u64le(b, body).toString();
      break;
    case Management.disassociation:
    case Management.deauthentication:
      record.reasonCode = reasonCode(b, body);
      break;
    case Management.authentication:
      record.auth = { alg: authAlgorithm(b, body), seq: authSequence(b, body) };
      record.statusCode = authStatus(b, body);
      if (record.auth.alg === AuthAlgorithm.sae) record.auth.sae = saeRecord(b, body, end);
      break;
    case Management.action:
    case Management.actionNoAck:
      record.action = actionRecord(b, body, end);
      break;
  }
  return record;
}
