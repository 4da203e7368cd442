import { hex } from '../bytes.ts';
import { u16le, u32le } from '../little-endian.ts';

/** Security elements: RSN (IEEE 802.11-2020 9.4.2.24), WPA's forerunner of it, RSN extension, mobility, FT. */

/** A cipher or AKM suite, `00-0f-ac:4`; the table's names are those of 9-149 and 9-151. */
export type Suite = string;

const suite = (b: Uint8Array, at: number): Suite => `${hex(b, at, at + 3, '-')}:${b[at + 3]}`;

export interface RsnRecord {
  /** wlan.rsn.version */
  version: number;
  /** wlan.rsn.gcs, wlan.rsn.pcs, wlan.rsn.akms; absent when the element ends before them. */
  groupCipher?: Suite;
  pairwiseCiphers?: Suite[];
  akms?: Suite[];
  /** wlan.rsn.capabilities and of it management frame protection required and capable. */
  capabilities?: number;
  mfpRequired?: boolean;
  mfpCapable?: boolean;
  /** wlan.rsn.pmkid.count; the list itself identifies a session and is left out. */
  pmkidCount?: number;
  /** wlan.rsn.gmcs */
  groupManagementCipher?: Suite;
  /** A count announced more than the element holds. */
  malformed?: true;
}

/** RSN body between `from` and `to`; all behind the version is optional. */
export function rsnOf(b: Uint8Array, from: number, to: number): RsnRecord | undefined {
  if (from + 2 > to) return undefined;
  const record: RsnRecord = { version: u16le(b, from) };
  const at = suiteLists(record, b, from + 2, to);
  if (at < 0 || at + 2 > to) return record;
  const capabilities = u16le(b, at);
  record.capabilities = capabilities;
  record.mfpRequired = (capabilities & 0x40) !== 0;
  record.mfpCapable = (capabilities & 0x80) !== 0;
  if (at + 4 > to) return record;
  record.pmkidCount = u16le(b, at + 2);
  const afterPmkids = at + 4 + 16 * record.pmkidCount;
  if (afterPmkids > to) record.malformed = true;
  else if (afterPmkids + 4 <= to) record.groupManagementCipher = suite(b, afterPmkids);
  return record;
}

/** Reads group cipher, pairwise list and AKM list; the offset behind them, or −1 when the body ended. */
function suiteLists(record: RsnRecord, b: Uint8Array, from: number, to: number): number {
  if (from + 4 > to) return -1;
  record.groupCipher = suite(b, from);
  let at = from + 4;
  for (const key of ['pairwiseCiphers', 'akms'] as const) {
    if (at + 2 > to) return -1;
    const count = u16le(b, at);
    at += 2;
    const list: Suite[] = [];
    record[key] = list;
    for (let k = 0; k < count; k++) {
      if (at + 4 > to) {
        record.malformed = true;
        return -1;
      }
      list.push(suite(b, at));
      at += 4;
    }
  }
  return at;
}

/** WPA of before the standard: the same lists behind 00-50-F2 type 1 (Wi-Fi Alliance WPA 3.1, 2.1). */
export function wpaOf(b: Uint8Array, from: number, to: number): RsnRecord | undefined {
  if (from + 2 > to) return undefined;
  const record: RsnRecord = { version: u16le(b, from) };
  suiteLists(record, b, from + 2, to);
  return record;
}

export interface RsnExtensionRecord {
  /** wlan.rsnx */
  protectedTwt: boolean;
  saeHashToElement: boolean;
  saePk: boolean;
  secureLtf: boolean;
}

export function rsnExtensionOf(b: Uint8Array, from: number, to: number): RsnExtensionRecord | undefined {
  if (from + 1 > to) return undefined;
  const second = from + 2 <= to ? b[from + 1] : 0;
  return {
    protectedTwt: (b[from] & 0x10) !== 0,
    saeHashToElement: (b[from] & 0x20) !== 0,
    saePk: (b[from] & 0x40) !== 0,
    secureLtf: (second & 0x01) !== 0,
  };
}

export interface MobilityDomainRecord {
  /** wlan.mobility_domain.mdid, wlan.mobility_domain.ft_capab */
  mdid: number;
  ftOverDs: boolean;
  resourceRequest: boolean;
}

export const mobilityDomainOf = (
  b: Uint8Array,
  from: number,
  to: number,
): MobilityDomainRecord | undefined =>
  from + 3 > to
    ? undefined
    : {
        mdid: u16le(b, from),
        ftOverDs: (b[from + 2] & 1) !== 0,
        resourceRequest: (b[from + 2] & 2) !== 0,
      };

export interface FastBssTransitionRecord {
  /** wlan.fixed.element count of the MIC control field */
  elementCount: number;
  mic: string;
  anonce: string;
  snonce: string;
  /** wlan.ft.subelem.r1kh_id, wlan.ft.subelem.r0kh_id */
  r1khId?: string;
  r0khId?: string;
  /** Lengths of the wrapped group keys; the keys themselves stay in the frame. */
  gtkLength?: number;
  igtkLength?: number;
}

const FT_FIXED = 82;
const SUBELEMENT_R1KH = 1;
const SUBELEMENT_GTK = 2;
const SUBELEMENT_R0KH = 3;
const SUBELEMENT_IGTK = 4;

/** 9.4.2.47, with the 16-byte MIC of all AKMs but the 384-bit ones. */
export function fastBssTransitionOf(
  b: Uint8Array,
  from: number,
  to: number,
): FastBssTransitionRecord | undefined {
  if (from + FT_FIXED > to) return undefined;
  const record: FastBssTransitionRecord = {
    elementCount: b[from + 1],
    mic: hex(b, from + 2, from + 18),
    anonce: hex(b, from + 18, from + 50),
    snonce: hex(b, from + 50, from + 82),
  };
  for (let at = from + FT_FIXED; at + 2 <= to; ) {
    const body = at + 2;
    const next = body + b[at + 1];
    if (next > to) break;
    if (b[at] === SUBELEMENT_R1KH) record.r1khId = hex(b, body, next, ':');
    else if (b[at] === SUBELEMENT_GTK) record.gtkLength = b[at + 1];
    else if (b[at] === SUBELEMENT_R0KH) record.r0khId = hex(b, body, next);
    else if (b[at] === SUBELEMENT_IGTK) record.igtkLength = b[at + 1];
    at = next;
  }
  return record;
}

export interface TimeoutIntervalRecord {
  /** wlan.tag.timeout_int.type, wlan.tag.timeout_int.value (time units or seconds by type) */
  type: number;
  value: number;
}

export const timeoutIntervalOf = (
  b: Uint8Array,
  from: number,
  to: number,
): TimeoutIntervalRecord | undefined =>
  from + 5 > to ? undefined : { type: b[from], value: u32le(b, from + 1) };
