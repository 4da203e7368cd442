import { hex, macText, text } from '../bytes.ts';
import { u16le, u32le, u64le } from '../little-endian.ts';
import { ElementId, findElement } from './ieee80211-elements.ts';
import { wideBandwidthSwitchOf } from './ieee80211-elements-ht-vht.ts';

/** What APs tell about other BSSs: neighbour report, reduced neighbour report, multiple BSSID. */

const NEIGHBOUR_FIXED = 13;

/** Subelements of a neighbour report, IEEE 802.11-2020 table 9-173. */
const Sub = {
  tsf: 1,
  condensedCountry: 2,
  preference: 3,
  terminationDuration: 4,
  bearing: 5,
  wideBandwidth: 6,
} as const;

export interface NeighbourReportRecord {
  /** wlan.nreport.bssid, wlan.nreport.bssid.info and bits of it */
  bssid: string;
  info: number;
  /** 1 not reachable, 2 unknown, 3 reachable. */
  reachability: number;
  security: boolean;
  keyScope: boolean;
  spectrumManagement: boolean;
  qos: boolean;
  apsd: boolean;
  radioMeasurement: boolean;
  mobilityDomain: boolean;
  highThroughput: boolean;
  veryHighThroughput: boolean;
  fineTiming: boolean;
  highEfficiency: boolean;
  extendedRange: boolean;
  colocated: boolean;
  extremelyHighThroughput: boolean;
  /** wlan.nreport.opeclass, wlan.nreport.channumber, wlan.nreport.phytype */
  operatingClass: number;
  channelNumber: number;
  phyType: number;
  tsf?: { offset: number; beaconInterval: number };
  condensedCountry?: string;
  preference?: number;
  termination?: { tsf: string; durationMinutes: number };
  bearing?: string;
  wideBandwidth?: { channelWidth: number; channelCenter0: number; channelCenter1: number };
  /** Subelements that repeat ordinary elements, and unknown ones. */
  subelements: { id: number; data: string }[];
}

export function neighbourReportOf(
  b: Uint8Array,
  from: number,
  to: number,
): NeighbourReportRecord | undefined {
  if (from + NEIGHBOUR_FIXED > to) return undefined;
  const info = u32le(b, from + 6);
  const bit = (n: number): boolean => (info & (1 << n)) !== 0;
  const record: NeighbourReportRecord = {
    bssid: macText(b, from),
    info,
    reachability: info & 3,
    security: bit(2),
    keyScope: bit(3),
    spectrumManagement: bit(4),
    qos: bit(5),
    apsd: bit(6),
    radioMeasurement: bit(7),
    mobilityDomain: bit(10),
    highThroughput: bit(11),
    veryHighThroughput: bit(12),
    fineTiming: bit(13),
    highEfficiency: bit(14),
    extendedRange: bit(15),
    colocated: bit(16),
    extremelyHighThroughput: bit(21),
    operatingClass: b[from + 10],
    channelNumber: b[from + 11],
    phyType: b[from + 12],
    subelements: [],
  };
  for (let at = from + NEIGHBOUR_FIXED; at + 2 <= to; ) {
    const body = at + 2;
    const next = body + b[at + 1];
    if (next > to) break;
    readSubelement(record, b, b[at], body, next);
    at = next;
  }
  return record;
}

function readSubelement(
  record: NeighbourReportRecord,
  b: Uint8Array,
  id: number,
  from: number,
  to: number,
): void {
  const length = to - from;
  if (id === Sub.tsf && length >= 4) {
    record.tsf = { offset: u16le(b, from), beaconInterval: u16le(b, from + 2) };
  } else if (id === Sub.condensedCountry && length >= 2) record.condensedCountry = text(b, from, from + 2);
  else if (id === Sub.preference && length >= 1) record.preference = b[from];
  else if (id === Sub.terminationDuration && length >= 10) {
    record.termination = { tsf: u64le(b, from).toString(), durationMinutes: u16le(b, from + 8) };
  } else if (id === Sub.bearing) record.bearing = hex(b, from, to);
  else if (id === Sub.wideBandwidth && length >= 3) record.wideBandwidth = wideBandwidthSwitchOf(b, from, to);
  else record.subelements.push({ id, data: hex(b, from, to) });
}

export interface ReducedNeighbour {
  operatingClass: number;
  channelNumber: number;
  tbttOffset?: number;
  bssid?: string;
  shortSsid?: number;
  bssParameters?: number;
  psd?: number;
  mld?: { mldId: number; linkId: number };
}

/** Contents of a TBTT information field by its length, 802.11ax-2021 table 9-283 and 802.11be. */
const WITH_BSSID: ReadonlySet<number> = new Set([7, 8, 9, 10, 11, 12, 13]);

/** 9.4.2.170 */
export function reducedNeighbourReportOf(
  b: Uint8Array,
  from: number,
  to: number,
): { neighbours: ReducedNeighbour[] } | undefined {
  const neighbours: ReducedNeighbour[] = [];
  for (let at = from; at < to; ) {
    if (at + 4 > to) return undefined;
    const head = u16le(b, at);
    const count = ((head >> 4) & 0x0f) + 1;
    const length = head >> 8;
    const operatingClass = b[at + 2];
    const channelNumber = b[at + 3];
    at += 4;
    if (at + count * length > to) return undefined;
    // Type 1 is mobile AP MLD information and has no TBTT in it.
    for (let k = 0; k < count; k++, at += length) {
      const entry: ReducedNeighbour = { operatingClass, channelNumber };
      if ((head & 3) === 0) readTbtt(entry, b, at, length);
      neighbours.push(entry);
    }
  }
  return { neighbours };
}

function readTbtt(entry: ReducedNeighbour, b: Uint8Array, from: number, length: number): void {
  if (length === 0) return;
  entry.tbttOffset = b[from];
  let at = from + 1;
  // 13 bytes are all there is before the MLD parameters; longer fields begin with the same.
  const shape = Math.min(length, 13);
  if (WITH_BSSID.has(shape)) {
    entry.bssid = macText(b, at);
    at += 6;
  }
  if (shape === 5 || shape === 6 || shape >= 11) {
    entry.shortSsid = u32le(b, at);
    at += 4;
  }
  if (shape === 2 || shape === 6 || shape === 8 || shape === 9 || shape >= 12) entry.bssParameters = b[at++];
  if (shape === 9 || shape === 13) entry.psd = b[at++];
  if (length === 4 || length === 10 || length >= 16) entry.mld = { mldId: b[at], linkId: b[at + 1] & 0x0f };
}

const SUB_NONTRANSMITTED_PROFILE = 0;
const ELEMENT_NONTRANSMITTED_CAPABILITY = 83;
const ELEMENT_MULTIPLE_BSSID_INDEX = 85;

export interface MultipleBssidRecord {
  /** wlan.multiple_bssid */
  maxIndicator: number;
  profiles: { capabilities?: number; ssid?: string; index?: number }[];
}

/** 9.4.2.45: each profile is a list of elements of its own. */
export function multipleBssidOf(b: Uint8Array, from: number, to: number): MultipleBssidRecord | undefined {
  if (from >= to) return undefined;
  const record: MultipleBssidRecord = { maxIndicator: b[from], profiles: [] };
  for (let at = from + 1; at + 2 <= to; ) {
    const body = at + 2;
    const next = body + b[at + 1];
    if (next > to) break;
    if (b[at] === SUB_NONTRANSMITTED_PROFILE) record.profiles.push(profileOf(b, body, next));
    at = next;
  }
  return record;
}

function profileOf(b: Uint8Array, from: number, to: number): MultipleBssidRecord['profiles'][number] {
  const profile: MultipleBssidRecord['profiles'][number] = {};
  const capability = findElement(b, from, to, ELEMENT_NONTRANSMITTED_CAPABILITY);
  if (capability >= 0 && b[capability + 1] >= 2) profile.capabilities = u16le(b, capability + 2);
  const ssid = findElement(b, from, to, ElementId.ssid);
  if (ssid >= 0) profile.ssid = text(b, ssid + 2, ssid + 2 + b[ssid + 1]);
  const index = findElement(b, from, to, ELEMENT_MULTIPLE_BSSID_INDEX);
  if (index >= 0 && b[index + 1] >= 1) profile.index = b[index + 2];
  return profile;
}
