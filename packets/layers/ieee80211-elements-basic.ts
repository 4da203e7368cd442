import { hex, latin1, macText, text } from '../bytes.ts';
import { i8, u16le } from '../little-endian.ts';

export interface SsidRecord {
  /** wlan.ssid as UTF-8 text; empty in a wildcard or hidden one. */
  ssid: string;
  /** Empty, or nothing but NUL bytes: an AP that hides it. */
  hidden: boolean;
}

export function ssidOf(b: Uint8Array, from: number, to: number): SsidRecord {
  const ssid = text(b, from, to);
  return { ssid, hidden: ssid === '' };
}

export interface RatesRecord {
  /** wlan.supported_rates, Mb/s; what is a membership selector stands apart. */
  rates: number[];
  basicRates: number[];
  /** BSS membership selectors (9.4.2.3): 127 HT, 126 VHT, 123 SAE hash-to-element, 122 HE. */
  selectors: number[];
}

const FIRST_SELECTOR = 122;

export function ratesOf(b: Uint8Array, from: number, to: number): RatesRecord {
  const record: RatesRecord = { rates: [], basicRates: [], selectors: [] };
  for (let at = from; at < to; at++) {
    const value = b[at] & 0x7f;
    const isBasic = (b[at] & 0x80) !== 0;
    if (isBasic && value >= FIRST_SELECTOR) record.selectors.push(value);
    else {
      record.rates.push(value / 2);
      if (isBasic) record.basicRates.push(value / 2);
    }
  }
  return record;
}

export const dsParameterOf = (
  b: Uint8Array,
  from: number,
  to: number,
): { currentChannel: number } | undefined => (from < to ? { currentChannel: b[from] } : undefined);

export interface TimRecord {
  /** wlan.tim.dtim_count, wlan.tim.dtim_period */
  dtimCount: number;
  dtimPeriod: number;
  /** wlan.tim.bmapctl.multicast, wlan.tim.bmapctl.offset */
  multicast: boolean;
  bitmapOffset: number;
  /** wlan.tim.partial_virtual_bitmap */
  bitmap: string;
}

export function timOf(b: Uint8Array, from: number, to: number): TimRecord | undefined {
  if (from + 3 > to) return undefined;
  return {
    dtimCount: b[from],
    dtimPeriod: b[from + 1],
    multicast: (b[from + 2] & 1) !== 0,
    bitmapOffset: b[from + 2] >> 1,
    bitmap: hex(b, from + 3, to),
  };
}

export interface CountryRecord {
  /** wlan.country_info.code and .environment (a space is any, I indoor, O outdoor). */
  code: string;
  environment: number;
  /** wlan.country_info.fnm.* */
  channels: { first: number; count: number; maxTxPowerDbm: number }[];
  /** Operating triplets, first byte 201 and above. */
  operating: { extensionId: number; operatingClass: number; coverageClass: number }[];
}

const FIRST_OPERATING_EXTENSION = 201;

/** 9.4.2.8; an odd padding byte at the end is legal. */
export function countryOf(b: Uint8Array, from: number, to: number): CountryRecord | undefined {
  if (from + 3 > to) return undefined;
  const record: CountryRecord = {
    code: latin1(b, from, from + 2),
    environment: b[from + 2],
    channels: [],
    operating: [],
  };
  for (let at = from + 3; at + 3 <= to; at += 3) {
    if (b[at] >= FIRST_OPERATING_EXTENSION) {
      record.operating.push({ extensionId: b[at], operatingClass: b[at + 1], coverageClass: b[at + 2] });
    } else record.channels.push({ first: b[at], count: b[at + 1], maxTxPowerDbm: i8(b, at + 2) });
  }
  return record;
}

export interface BssLoadRecord {
  /** wlan.qbss.scount, wlan.qbss.cu (of 255), wlan.qbss.adc (32 us a second) */
  stationCount: number;
  channelUtilization: number;
  admissionCapacity: number;
}

export const bssLoadOf = (b: Uint8Array, from: number, to: number): BssLoadRecord | undefined =>
  from + 5 > to
    ? undefined
    : {
        stationCount: u16le(b, from),
        channelUtilization: b[from + 2],
        admissionCapacity: u16le(b, from + 3),
      };

/** Shared-key authentication; the challenge itself stays in the frame. */
export const challengeTextOf = (_b: Uint8Array, from: number, to: number): { length: number } => ({
  length: to - from,
});

/** wlan.erp_info.* */
export const erpOf = (
  b: Uint8Array,
  from: number,
  to: number,
): { nonErpPresent: boolean; useProtection: boolean; barkerPreamble: boolean } | undefined =>
  from < to
    ? {
        nonErpPresent: (b[from] & 1) !== 0,
        useProtection: (b[from] & 2) !== 0,
        barkerPreamble: (b[from] & 4) !== 0,
      }
    : undefined;

/** wlan.powercon.local, dB */
export const powerConstraintOf = (
  b: Uint8Array,
  from: number,
  to: number,
): { localDb: number } | undefined => (from < to ? { localDb: b[from] } : undefined);

/** wlan.powercap.min, wlan.powercap.max */
export const powerCapabilityOf = (
  b: Uint8Array,
  from: number,
  to: number,
): { minDbm: number; maxDbm: number } | undefined =>
  from + 2 > to ? undefined : { minDbm: i8(b, from), maxDbm: i8(b, from + 1) };

/** wlan.tcprep.trsmt_pow, wlan.tcprep.link_mrg */
export const tpcReportOf = (
  b: Uint8Array,
  from: number,
  to: number,
): { transmitPowerDbm: number; linkMarginDb: number } | undefined =>
  from + 2 > to ? undefined : { transmitPowerDbm: i8(b, from), linkMarginDb: i8(b, from + 1) };

/** wlan.supchan.first, wlan.supchan.range */
export function supportedChannelsOf(
  b: Uint8Array,
  from: number,
  to: number,
): { ranges: { first: number; count: number }[] } {
  const ranges: { first: number; count: number }[] = [];
  for (let at = from; at + 2 <= to; at += 2) ranges.push({ first: b[at], count: b[at + 1] });
  return { ranges };
}

/** wlan.csa.channel_switch_mode, .new_channel_number, .channel_switch_count */
export const channelSwitchOf = (
  b: Uint8Array,
  from: number,
  to: number,
): { mode: number; newChannel: number; count: number } | undefined =>
  from + 3 > to ? undefined : { mode: b[from], newChannel: b[from + 1], count: b[from + 2] };

/** 9.4.2.52 */
export const extendedChannelSwitchOf = (
  b: Uint8Array,
  from: number,
  to: number,
): { mode: number; operatingClass: number; newChannel: number; count: number } | undefined =>
  from + 4 > to
    ? undefined
    : { mode: b[from], operatingClass: b[from + 1], newChannel: b[from + 2], count: b[from + 3] };

/** 9.4.2.22; times in time units of 1024 us. */
export const quietOf = (
  b: Uint8Array,
  from: number,
  to: number,
): { count: number; period: number; duration: number; offset: number } | undefined =>
  from + 6 > to
    ? undefined
    : { count: b[from], period: b[from + 1], duration: u16le(b, from + 2), offset: u16le(b, from + 4) };

/** wlan.measure.req.* and wlan.measure.rep.*; the measurement itself is left as bytes. */
export const measurementOf = (
  b: Uint8Array,
  from: number,
  to: number,
): { token: number; mode: number; type: number; body: string } | undefined =>
  from + 3 > to
    ? undefined
    : { token: b[from], mode: b[from + 1], type: b[from + 2], body: hex(b, from + 3, to) };

/** wlan.supopeclass.current, wlan.supopeclass.alt */
export const operatingClassesOf = (
  b: Uint8Array,
  from: number,
  to: number,
): { current: number; alternatives: number[] } | undefined =>
  from < to ? { current: b[from], alternatives: [...b.subarray(from + 1, to)] } : undefined;

export interface ExtendedCapabilitiesRecord {
  /** Numbers of the bits that are set, table 9-153. */
  bits: number[];
  /** wlan.extcap.b19, b22, b31, b62 and others that are asked about by name. */
  bssTransition: boolean;
  multipleBssid: boolean;
  interworking: boolean;
  operatingModeNotification: boolean;
}

export function extendedCapabilitiesOf(b: Uint8Array, from: number, to: number): ExtendedCapabilitiesRecord {
  const bits: number[] = [];
  for (let at = from; at < to; at++) {
    for (let bit = 0; bit < 8; bit++) if ((b[at] & (1 << bit)) !== 0) bits.push(8 * (at - from) + bit);
  }
  return {
    bits,
    bssTransition: bits.includes(19),
    multipleBssid: bits.includes(22),
    interworking: bits.includes(31),
    operatingModeNotification: bits.includes(62),
  };
}

/** wlan.rmcap.* : five bytes of bits, table 9-179. */
export interface RmCapabilitiesRecord {
  bits: string;
  linkMeasurement: boolean;
  neighbourReport: boolean;
  beaconPassive: boolean;
  beaconActive: boolean;
  beaconTable: boolean;
}

export const rmCapabilitiesOf = (
  b: Uint8Array,
  from: number,
  to: number,
): RmCapabilitiesRecord | undefined =>
  from + 5 > to
    ? undefined
    : {
        bits: hex(b, from, from + 5),
        linkMeasurement: (b[from] & 0x01) !== 0,
        neighbourReport: (b[from] & 0x02) !== 0,
        beaconPassive: (b[from] & 0x10) !== 0,
        beaconActive: (b[from] & 0x20) !== 0,
        beaconTable: (b[from] & 0x40) !== 0,
      };

/** wlan.bss_max_idle.period (1000 time units) and its options */
export const maxIdleOf = (
  b: Uint8Array,
  from: number,
  to: number,
): { period: number; options: number } | undefined =>
  from + 3 > to ? undefined : { period: u16le(b, from), options: b[from + 2] };

export interface InterworkingRecord {
  /** wlan.interworking.* */
  accessNetworkType: number;
  internet: boolean;
  venueGroup?: number;
  venueType?: number;
  hessid?: string;
}

/** 9.4.2.91: venue and HESSID are each optional, and the length tells which are there. */
export function interworkingOf(b: Uint8Array, from: number, to: number): InterworkingRecord | undefined {
  if (from >= to) return undefined;
  const record: InterworkingRecord = {
    accessNetworkType: b[from] & 0x0f,
    internet: (b[from] & 0x10) !== 0,
  };
  const length = to - from;
  if (length === 3 || length === 9) {
    record.venueGroup = b[from + 1];
    record.venueType = b[from + 2];
  }
  if (length === 7 || length === 9) record.hessid = macText(b, to - 6);
  return record;
}

export interface MeshConfigurationRecord {
  /** wlan.mesh.config.* */
  pathSelection: number;
  pathMetric: number;
  congestionControl: number;
  synchronization: number;
  authentication: number;
  formation: number;
  capability: number;
}

export const meshConfigurationOf = (
  b: Uint8Array,
  from: number,
  to: number,
): MeshConfigurationRecord | undefined =>
  from + 7 > to
    ? undefined
    : {
        pathSelection: b[from],
        pathMetric: b[from + 1],
        congestionControl: b[from + 2],
        synchronization: b[from + 3],
        authentication: b[from + 4],
        formation: b[from + 5],
        capability: b[from + 6],
      };

/** wlan.mesh.id */
export const meshIdOf = (b: Uint8Array, from: number, to: number): { meshId: string } => ({
  meshId: text(b, from, to),
});

/** Management MIC, 9.4.2.54: 8 or 16 bytes of MIC behind key id and packet number. */
export const managementMicOf = (
  b: Uint8Array,
  from: number,
  to: number,
): { keyId: number; ipn: string; mic: string } | undefined =>
  from + 16 > to
    ? undefined
    : { keyId: u16le(b, from), ipn: hex(b, from + 2, from + 8), mic: hex(b, from + 8, to) };
