import { hex, macText } from '../bytes.ts';
import { u16le, u24le, u32le } from '../little-endian.ts';
import { streamsOf } from './ieee80211-elements-ht-vht.ts';

/** High efficiency (IEEE 802.11ax-2021 9.4.2.248 ff.) and extremely high throughput (802.11be 9.4.2.311 ff.). */

const HE_MAC = 6;
const HE_PHY = 11;
const HE_MCS_PER_WIDTH = 4;

export interface HeCapabilitiesRecord {
  mac: string;
  phy: string;
  /** 40 MHz in the 2.4 GHz band; 40 and 80 MHz in the others; 160 MHz; 80+80 MHz. */
  width40In24: boolean;
  width80: boolean;
  width160: boolean;
  width80Plus80: boolean;
  rxMcsMap80: number;
  txMcsMap80: number;
  rxStreams: number;
  txStreams: number;
  /** MCS maps of 160 and 80+80 MHz, then PPE thresholds. */
  rest: string;
}

export function heCapabilitiesOf(b: Uint8Array, from: number, to: number): HeCapabilitiesRecord | undefined {
  const phy = from + HE_MAC;
  const mcs = phy + HE_PHY;
  if (mcs + HE_MCS_PER_WIDTH > to) return undefined;
  const rxMcsMap80 = u16le(b, mcs);
  const txMcsMap80 = u16le(b, mcs + 2);
  return {
    mac: hex(b, from, phy),
    phy: hex(b, phy, mcs),
    width40In24: (b[phy] & 0x02) !== 0,
    width80: (b[phy] & 0x04) !== 0,
    width160: (b[phy] & 0x08) !== 0,
    width80Plus80: (b[phy] & 0x10) !== 0,
    rxMcsMap80,
    txMcsMap80,
    rxStreams: streamsOf(rxMcsMap80),
    txStreams: streamsOf(txMcsMap80),
    rest: hex(b, mcs + HE_MCS_PER_WIDTH, to),
  };
}

const HE_VHT_PRESENT = 0x4000;
const HE_COHOSTED_PRESENT = 0x8000;
const HE_6GHZ_PRESENT = 0x2_0000;

export interface HeOperationRecord {
  parameters: number;
  /** wlan.ext_tag.he_operation.bss_color.bss_color, .partial, .disabled */
  bssColor: number;
  partialBssColor: boolean;
  bssColorDisabled: boolean;
  basicMcsMap: number;
  vht?: { channelWidth: number; channelCenter0: number; channelCenter1: number };
  maxCohostedBssid?: number;
  /** Width code 0 is 20 MHz, 1 is 40, 2 is 80, 3 is 160 or 80+80. */
  sixGhz?: {
    primaryChannel: number;
    channelWidth: number;
    regulatoryInfo: number;
    channelCenter0: number;
    channelCenter1: number;
    minimumRateMbps: number;
  };
}

export function heOperationOf(b: Uint8Array, from: number, to: number): HeOperationRecord | undefined {
  if (from + 6 > to) return undefined;
  const parameters = u24le(b, from);
  const record: HeOperationRecord = {
    parameters,
    bssColor: b[from + 3] & 0x3f,
    partialBssColor: (b[from + 3] & 0x40) !== 0,
    bssColorDisabled: (b[from + 3] & 0x80) !== 0,
    basicMcsMap: u16le(b, from + 4),
  };
  let at = from + 6;
  if ((parameters & HE_VHT_PRESENT) !== 0) {
    if (at + 3 > to) return undefined;
    record.vht = { channelWidth: b[at], channelCenter0: b[at + 1], channelCenter1: b[at + 2] };
    at += 3;
  }
  if ((parameters & HE_COHOSTED_PRESENT) !== 0) {
    if (at + 1 > to) return undefined;
    record.maxCohostedBssid = b[at++];
  }
  if ((parameters & HE_6GHZ_PRESENT) !== 0) {
    if (at + 5 > to) return undefined;
    record.sixGhz = {
      primaryChannel: b[at],
      channelWidth: b[at + 1] & 3,
      regulatoryInfo: (b[at + 1] >> 3) & 0x0f,
      channelCenter0: b[at + 2],
      channelCenter1: b[at + 3],
      minimumRateMbps: b[at + 4],
    };
  }
  return record;
}

/** HE capabilities of the 6 GHz band, 9.4.2.263. */
export const sixGhzCapabilitiesOf = (
  b: Uint8Array,
  from: number,
  to: number,
): { info: number } | undefined => (from + 2 > to ? undefined : { info: u16le(b, from) });

const EHT_MAC = 2;
const EHT_PHY = 9;

export interface EhtCapabilitiesRecord {
  mac: string;
  phy: string;
  width320In6Ghz: boolean;
  /** Supported MCS and streams (whose layout the HE capabilities beside it decide), then PPE thresholds. */
  rest: string;
}

export function ehtCapabilitiesOf(
  b: Uint8Array,
  from: number,
  to: number,
): EhtCapabilitiesRecord | undefined {
  const phy = from + EHT_MAC;
  if (phy + EHT_PHY > to) return undefined;
  return {
    mac: hex(b, from, phy),
    phy: hex(b, phy, phy + EHT_PHY),
    width320In6Ghz: (b[phy] & 0x02) !== 0,
    rest: hex(b, phy + EHT_PHY, to),
  };
}

export interface EhtOperationRecord {
  parameters: number;
  basicMcs: string;
  /** Width code 0 is 20 MHz, 1 is 40, 2 is 80, 3 is 160, 4 is 320. */
  channelWidth?: number;
  channelCenter0?: number;
  channelCenter1?: number;
  /** One bit for each punctured 20 MHz subchannel. */
  disabledSubchannels?: number;
}

export function ehtOperationOf(b: Uint8Array, from: number, to: number): EhtOperationRecord | undefined {
  if (from + 5 > to) return undefined;
  const parameters = b[from];
  const record: EhtOperationRecord = { parameters, basicMcs: hex(b, from + 1, from + 5) };
  if ((parameters & 0x01) === 0) return record;
  const at = from + 5;
  if (at + 3 > to) return undefined;
  record.channelWidth = b[at] & 7;
  record.channelCenter0 = b[at + 1];
  record.channelCenter1 = b[at + 2];
  if ((parameters & 0x02) !== 0) {
    if (at + 5 > to) return undefined;
    record.disabledSubchannels = u16le(b, at + 3);
  }
  return record;
}

/** Multi-link element types, 802.11be table 9-401c. */
const MULTI_LINK_BASIC = 0;
const MULTI_LINK_RECONFIGURATION = 2;

export interface MultiLinkRecord {
  /** 0 basic, 1 probe request, 2 reconfiguration, 3 TDLS, 4 priority access. */
  type: number;
  presence: number;
  mldMac?: string;
  linkId?: number;
  bssParametersChangeCount?: number;
  mediumSynchronization?: number;
  emlCapabilities?: number;
  mldCapabilities?: number;
  mldId?: number;
  links: { linkId: number; complete: boolean; staMac?: string }[];
}

export function multiLinkOf(b: Uint8Array, from: number, to: number): MultiLinkRecord | undefined {
  if (from + 3 > to) return undefined;
  const control = u16le(b, from);
  const record: MultiLinkRecord = { type: control & 7, presence: control >> 4, links: [] };
  const commonEnd = from + 2 + b[from + 2];
  if (b[from + 2] === 0 || commonEnd > to) return undefined;
  if (!readCommonInfo(record, b, from + 3, commonEnd)) return undefined;
  readLinks(record, b, commonEnd, to);
  return record;
}

/** Fields of the basic and reconfiguration variants, in the order of their presence bits. */
function readCommonInfo(record: MultiLinkRecord, b: Uint8Array, from: number, to: number): boolean {
  let at = from;
  if (record.type === MULTI_LINK_RECONFIGURATION) {
    if ((record.presence & 1) === 0) return true;
    if (at + 6 > to) return false;
    record.mldMac = macText(b, at);
    return true;
  }
  if (record.type !== MULTI_LINK_BASIC) return true;
  if (at + 6 > to) return false;
  record.mldMac = macText(b, at);
  at += 6;
  for (let bit = 0; bit < 6; bit++) {
    if ((record.presence & (1 << bit)) === 0) continue;
    const size = bit >= 2 && bit <= 4 ? 2 : 1;
    if (at + size > to) return false;
    const value = size === 1 ? b[at] : u16le(b, at);
    if (bit === 0) record.linkId = value & 0x0f;
    else if (bit === 1) record.bssParametersChangeCount = value;
    else if (bit === 2) record.mediumSynchronization = value;
    else if (bit === 3) record.emlCapabilities = value;
    else if (bit === 4) record.mldCapabilities = value;
    else record.mldId = value;
    at += size;
  }
  return true;
}

/** Per-STA profiles: subelement 0; the first two bytes name the link and say what follows. */
function readLinks(record: MultiLinkRecord, b: Uint8Array, from: number, to: number): void {
  for (let at = from; at + 4 <= to; at += 2 + b[at + 1]) {
    if (b[at] !== 0) continue;
    const control = u16le(b, at + 2);
    const link: MultiLinkRecord['links'][number] = {
      linkId: control & 0x0f,
      complete: (control & 0x10) !== 0,
    };
    if ((control & 0x20) !== 0 && at + 11 <= to) link.staMac = macText(b, at + 5);
    record.links.push(link);
  }
}

/** Spatial reuse parameter set, 9.4.2.252, control byte only. */
export const spatialReuseOf = (b: Uint8Array, from: number, to: number): { control: number } | undefined =>
  from < to ? { control: b[from] } : undefined;

/** OWE Diffie-Hellman parameter (RFC 8110): the group; the public key stays in the frame. */
export const oweOf = (b: Uint8Array, from: number, to: number): { group: number } | undefined =>
  from + 2 > to ? undefined : { group: u16le(b, from) };

/** MU EDCA, 9.4.2.251: QoS info and four records. */
export const muEdcaOf = (
  b: Uint8Array,
  from: number,
  to: number,
): { qosInfo: number; records: number[] } | undefined =>
  from + 13 > to
    ? undefined
    : { qosInfo: b[from], records: [0, 1, 2, 3].map((k) => u24le(b, from + 1 + 3 * k)) };

/** Short SSID list entries of 9.4.2.260. */
export function shortSsidsOf(b: Uint8Array, from: number, to: number): { shortSsids: number[] } {
  const shortSsids: number[] = [];
  for (let at = from; at + 4 <= to; at += 4) shortSsids.push(u32le(b, at));
  return { shortSsids };
}
