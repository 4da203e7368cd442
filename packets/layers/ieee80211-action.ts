import { hex, macText } from '../bytes.ts';
import { u16le } from '../little-endian.ts';
import { type GasRecord, gasRecord } from './ieee80211-gas.ts';

/** Action categories, IEEE 802.11-2020 table 9-51. */
export const ActionCategory = {
  spectrumManagement: 0,
  qos: 1,
  blockAck: 3,
  public: 4,
  radioMeasurement: 5,
  fastBssTransition: 6,
  ht: 7,
  saQuery: 8,
  protectedDual: 9,
  wnm: 10,
  mesh: 13,
  selfProtected: 15,
  wmm: 17,
  vht: 21,
  vendorProtected: 126,
  vendor: 127,
} as const;

const ACTION_HEADER = 2;
const VENDOR_HEADER = 4;

/** BSS transition management request, 9.6.13.9: request mode bits that insert fields. */
const BTM_TERMINATION_INCLUDED = 0x08;
const BTM_SESSION_URL_INCLUDED = 0x10;
const BTM_TERMINATION_LENGTH = 12;
const BTM_REQUEST = 7;
const BTM_RESPONSE = 8;

/** Fixed bytes by category and action; a category's last entry serves its further actions. */
const FIXED: Readonly<Record<number, readonly number[]>> = {
  [ActionCategory.spectrumManagement]: [3, 3, 3, 3, 2],
  [ActionCategory.qos]: [3, 5, 7, 2],
  [ActionCategory.blockAck]: [9, 9, 6],
  [ActionCategory.radioMeasurement]: [5, 3, 5, 11, 3, 3],
  [ActionCategory.fastBssTransition]: [2, 14, 16, 14, 16, 2],
  [ActionCategory.ht]: [3, 3, 2],
  [ActionCategory.saQuery]: [4, 4],
  [ActionCategory.wnm]: [3, 3, 3, 3, 3, 3, 4, 7, 5, 3, 3, 4, 4, 3, 3, 2],
  [ActionCategory.selfProtected]: [2, 4, 6, 2],
  [ActionCategory.wmm]: [4],
  [ActionCategory.vht]: [2, 2, 3, 2],
};
const PUBLIC_FIXED: readonly number[] = [2, 2, 2, 2, 6, 2, 2, 2, 2, 5, 3, 7, 3, 8, 2];

/** Categories whose fixed fields are followed by elements, and the public actions that are. */
const WITH_ELEMENTS: ReadonlySet<number> = new Set([
  ActionCategory.spectrumManagement,
  ActionCategory.qos,
  ActionCategory.radioMeasurement,
  ActionCategory.fastBssTransition,
  ActionCategory.mesh,
  ActionCategory.selfProtected,
  ActionCategory.wmm,
  ActionCategory.saQuery,
  ActionCategory.blockAck,
]);
const isPublicWithElements = (action: number): boolean => action === 0 || action === 4;
const isWnmWithElements = (action: number): boolean =>
  action === 6 || action === BTM_REQUEST || action === BTM_RESPONSE;

function tableLength(table: readonly number[], action: number): number {
  return action < table.length ? table[action] : table[table.length - 1];
}

export function actionFixedLength(b: Uint8Array, body: number, end: number): number {
  if (body + 1 > end) return 1;
  const category = b[body];
  if (category === ActionCategory.vendor || category === ActionCategory.vendorProtected) return VENDOR_HEADER;
  if (body + ACTION_HEADER > end) return ACTION_HEADER;
  const action = b[body + 1];
  if (category === ActionCategory.public || category === ActionCategory.protectedDual) {
    return tableLength(PUBLIC_FIXED, action);
  }
  const table = FIXED[category];
  return table === undefined ? ACTION_HEADER : tableLength(table, action);
}

/** First element behind the fixed fields, or −1. The fixed fields must fit. */
export function actionElementsAt(b: Uint8Array, body: number, end: number): number {
  const category = b[body];
  const after = body + actionFixedLength(b, body, end);
  if (category === ActionCategory.vendor || category === ActionCategory.vendorProtected) return -1;
  const action = b[body + 1];
  if (category === ActionCategory.public || category === ActionCategory.protectedDual) {
    return isPublicWithElements(action) ? after : -1;
  }
  if (category !== ActionCategory.wnm) return WITH_ELEMENTS.has(category) ? after : -1;
  if (!isWnmWithElements(action)) return -1;
  if (action === BTM_RESPONSE) {
    // The target BSSID is there when the station accepts (status 0).
    const elements = b[body + 3] === 0 ? after + 6 : after;
    return elements <= end ? elements : -1;
  }
  if (action !== BTM_REQUEST) return after;
  let at = after;
  if ((b[body + 3] & BTM_TERMINATION_INCLUDED) !== 0) at += BTM_TERMINATION_LENGTH;
  if ((b[body + 3] & BTM_SESSION_URL_INCLUDED) !== 0) {
    if (at >= end) return -1;
    at += 1 + b[at];
  }
  return at <= end ? at : -1;
}

export interface ActionRecord {
  /** wlan.fixed.category_code, wlan.fixed.action_code */
  category: number;
  action?: number;
  /** wlan.fixed.dialog_token (or the neighbour's name for it) where the action has one. */
  dialogToken?: number;
  statusCode?: number;
  reasonCode?: number;
  /** ADDBA: wlan.fixed.baparams, wlan.fixed.batimeout, wlan.fixed.ssc */
  blockAck?: { parameters: number; timeout?: number; startingSequenceControl?: number };
  /** SA Query: transaction id, two bytes */
  transactionId?: number;
  /** Fast BSS transition: wlan.fixed.sta_address, wlan.fixed.target_ap_address */
  staAddress?: string;
  targetApAddress?: string;
  /** BSS transition: 9.6.13.9 and 9.6.13.10 */
  btm?: {
    requestMode?: number;
    disassociationTimer?: number;
    validityInterval?: number;
    statusCode?: number;
    terminationDelay?: number;
    targetBss?: string;
  };
  vendorOui?: string;
  /** Public actions 10 to 13. */
  gas?: GasRecord;
}

/** The fixed fields, which must fit. */
export function actionRecord(b: Uint8Array, body: number, end: number): ActionRecord {
  const category = b[body];
  if (category === ActionCategory.vendor || category === ActionCategory.vendorProtected) {
    return { category, vendorOui: hex(b, body + 1, body + 4, ':') };
  }
  const action = b[body + 1];
  const record: ActionRecord = { category, action };
  switch (category) {
    case ActionCategory.spectrumManagement:
      if (action <= 3) record.dialogToken = b[body + 2];
      return record;
    case ActionCategory.qos:
      if (action <= 1) record.dialogToken = b[body + 2];
      if (action === 1) record.statusCode = u16le(b, body + 3);
      if (action === 2) record.reasonCode = u16le(b, body + 5);
      return record;
    case ActionCategory.blockAck:
      return blockAckRecord(record, b, body);
    case ActionCategory.public:
    case ActionCategory.protectedDual:
      if (action === 9) record.vendorOui = hex(b, body + 2, body + 5, ':');
      if (action >= 10 && action <= 13) {
        record.dialogToken = b[body + 2];
        record.gas = gasRecord(b, action, body + 3, end);
      }
      if (action === 11 || action === 13) record.statusCode = u16le(b, body + 3);
      return record;
    case ActionCategory.radioMeasurement:
      record.dialogToken = b[body + 2];
      return record;
    case ActionCategory.fastBssTransition:
      if (action === 0 || action > 4) return record;
      record.staAddress = macText(b, body + 2);
      record.targetApAddress = macText(b, body + 8);
      if (action === 2 || action === 4) record.statusCode = u16le(b, body + 14);
      return record;
    case ActionCategory.saQuery:
      record.transactionId = u16le(b, body + 2);
      return record;
    case ActionCategory.wnm:
      return wnmRecord(record, b, body, end);
    case ActionCategory.wmm:
      record.dialogToken = b[body + 2];
      record.statusCode = b[body + 3];
      return record;
    default:
      return record;
  }
}

function blockAckRecord(record: ActionRecord, b: Uint8Array, body: number): ActionRecord {
  if (record.action === 2) {
    record.blockAck = { parameters: u16le(b, body + 2) };
    record.reasonCode = u16le(b, body + 4);
    return record;
  }
  if ((record.action ?? 0) > 2) return record;
  record.dialogToken = b[body + 2];
  if (record.action === 0) {
    record.blockAck = {
      parameters: u16le(b, body + 3),
      timeout: u16le(b, body + 5),
      startingSequenceControl: u16le(b, body + 7),
    };
  } else {
    record.statusCode = u16le(b, body + 3);
    record.blockAck = { parameters: u16le(b, body + 5), timeout: u16le(b, body + 7) };
  }
  return record;
}

function wnmRecord(record: ActionRecord, b: Uint8Array, body: number, end: number): ActionRecord {
  if ((record.action ?? 0) > 14) return record;
  record.dialogToken = b[body + 2];
  if (record.action === BTM_REQUEST) {
    record.btm = {
      requestMode: b[body + 3],
      disassociationTimer: u16le(b, body + 4),
      validityInterval: b[body + 6],
    };
  } else if (record.action === BTM_RESPONSE) {
    record.btm = { statusCode: b[body + 3], terminationDelay: b[body + 4] };
    if (b[body + 3] === 0 && body + 11 <= end) record.btm.targetBss = macText(b, body + 5);
  }
  return record;
}
