import { hex } from '../bytes.ts';
import { u16le, u32le } from '../little-endian.ts';

/** radiotap.mcs.*: what the `known` byte does not vouch for is absent. */
export interface McsRecord {
  known: number;
  /** 0 is 20 MHz, 1 is 40, 2 is 20L, 3 is 20U. */
  bw?: number;
  index?: number;
  /** 1 is the short guard interval. */
  gi?: number;
  /** 1 is greenfield. */
  format?: number;
  fec?: number;
  stbc?: number;
  ness?: number;
}

/** radiotap.org/fields/MCS. */
export function mcsOf(b: Uint8Array, o: number): McsRecord {
  const known = b[o];
  const flags = b[o + 1];
  const record: McsRecord = { known };
  if ((known & 0x01) !== 0) record.bw = flags & 3;
  if ((known & 0x02) !== 0) record.index = b[o + 2];
  if ((known & 0x04) !== 0) record.gi = (flags >> 2) & 1;
  if ((known & 0x08) !== 0) record.format = (flags >> 3) & 1;
  if ((known & 0x10) !== 0) record.fec = (flags >> 4) & 1;
  if ((known & 0x20) !== 0) record.stbc = (flags >> 5) & 3;
  // Bit 7 of known and of flags are bits 1 and 0 of the number of extension spatial streams.
  if ((known & 0x40) !== 0) record.ness = ((known >> 6) & 2) | (flags >> 7);
  return record;
}

/** radiotap.vht.* */
export interface VhtRecord {
  known: number;
  flags: number;
  /** Code of radiotap.org/fields/VHT: 0 is 20 MHz, 1 is 40, 4 is 80, 11 is 160. */
  bw?: number;
  gid?: number;
  pAid?: number;
  users: { mcs: number; nss: number; coding: number }[];
}

export function vhtOf(b: Uint8Array, o: number): VhtRecord {
  const known = u16le(b, o);
  const record: VhtRecord = { known, flags: b[o + 2], users: [] };
  if ((known & 0x40) !== 0) record.bw = b[o + 3] & 0x1f;
  for (let user = 0; user < 4; user++) {
    const value = b[o + 4 + user];
    // No streams: no such user.
    if ((value & 0x0f) === 0) continue;
    record.users.push({ mcs: value >> 4, nss: value & 0x0f, coding: (b[o + 8] >> user) & 1 });
  }
  if ((known & 0x80) !== 0) record.gid = b[o + 9];
  if ((known & 0x100) !== 0) record.pAid = u16le(b, o + 10);
  return record;
}

/** radiotap.he.*: the six data words, and of them what they vouch for. */
export interface HeRecord {
  data: [number, number, number, number, number, number];
  /** 0 is SU, 1 extended-range SU, 2 MU, 3 trigger-based. */
  ppduFormat: number;
  bssColor?: number;
  beamChange?: boolean;
  uplink?: boolean;
  dataMcs?: number;
  dataDcm?: boolean;
  coding?: number;
  stbc?: boolean;
  /** radiotap.he.data_5.data_bw_ru_allocation: 0 to 3 are 20 to 160 MHz, 4 to 9 are RUs of 26 to 996 tones. */
  bandwidthOrRu?: number;
  /** 0 is 0.8 us, 1 is 1.6 us, 2 is 3.2 us. */
  gi?: number;
  nsts: number;
  doppler?: boolean;
  txop?: number;
}

/** radiotap.org/fields/HE. */
export function heOf(b: Uint8Array, o: number): HeRecord {
  const data: HeRecord['data'] = [
    u16le(b, o),
    u16le(b, o + 2),
    u16le(b, o + 4),
    u16le(b, o + 6),
    u16le(b, o + 8),
    u16le(b, o + 10),
  ];
  const [known1, known2, data3, , data5, data6] = data;
  const record: HeRecord = { data, ppduFormat: known1 & 3, nsts: data6 & 0x0f };
  if ((known1 & 0x0004) !== 0) record.bssColor = data3 & 0x3f;
  if ((known1 & 0x0008) !== 0) record.beamChange = (data3 & 0x40) !== 0;
  if ((known1 & 0x0010) !== 0) record.uplink = (data3 & 0x80) !== 0;
  if ((known1 & 0x0020) !== 0) record.dataMcs = (data3 >> 8) & 0x0f;
  if ((known1 & 0x0040) !== 0) record.dataDcm = (data3 & 0x1000) !== 0;
  if ((known1 & 0x0080) !== 0) record.coding = (data3 >> 13) & 1;
  if ((known1 & 0x0200) !== 0) record.stbc = (data3 & 0x8000) !== 0;
  if ((known1 & 0x4000) !== 0) record.bandwidthOrRu = data5 & 0x0f;
  if ((known1 & 0x8000) !== 0) record.doppler = (data6 & 0x10) !== 0;
  if ((known2 & 0x0002) !== 0) record.gi = (data5 >> 4) & 3;
  if ((known2 & 0x0040) !== 0) record.txop = (data6 >> 8) & 0x7f;
  return record;
}

/** radiotap.he_mu.* */
export interface HeMuRecord {
  flags1: number;
  flags2: number;
  ruChannel1: number[];
  ruChannel2: number[];
}

export function heMuOf(b: Uint8Array, o: number): HeMuRecord {
  return {
    flags1: u16le(b, o),
    flags2: u16le(b, o + 2),
    ruChannel1: [...b.subarray(o + 4, o + 8)],
    ruChannel2: [...b.subarray(o + 8, o + 12)],
  };
}

/** radiotap.org/fields/U-SIG. */
export interface USigRecord {
  common: number;
  value: number;
  mask: number;
  phyVersion?: number;
  /** 0 is 20 MHz, 1 is 40, 2 is 80, 3 is 160, 4 and 5 are 320. */
  bw?: number;
  uplink?: boolean;
  bssColor?: number;
  txop?: number;
}

export function uSigOf(b: Uint8Array, o: number): USigRecord {
  const common = u32le(b, o);
  const record: USigRecord = { common, value: u32le(b, o + 4), mask: u32le(b, o + 8) };
  if ((common & 0x01) !== 0) record.phyVersion = (common >> 12) & 7;
  if ((common & 0x02) !== 0) record.bw = (common >> 15) & 7;
  if ((common & 0x04) !== 0) record.uplink = (common & 0x4_0000) !== 0;
  if ((common & 0x08) !== 0) record.bssColor = (common >> 19) & 0x3f;
  if ((common & 0x10) !== 0) record.txop = (common >> 25) & 0x7f;
  return record;
}

/** radiotap.org/fields/EHT: known, nine data words, then a word per user. */
export interface EhtRecord {
  known: number;
  data: string;
  gi?: number;
  users: { staId?: number; mcs?: number; nss?: number; coding?: number }[];
}

const EHT_FIXED = 40;

export function ehtOf(b: Uint8Array, o: number, size: number): EhtRecord {
  const known = u32le(b, o);
  const record: EhtRecord = { known, data: hex(b, o + 4, o + EHT_FIXED), users: [] };
  if ((known & 0x04) !== 0) record.gi = (u32le(b, o + 4) >> 7) & 3;
  for (let at = o + EHT_FIXED; at + 4 <= o + size; at += 4) {
    const info = u32le(b, at);
    const user: EhtRecord['users'][number] = {};
    if ((info & 0x01) !== 0) user.staId = (info >>> 8) & 0x7ff;
    if ((info & 0x04) !== 0) user.coding = (info >>> 19) & 1;
    if ((info & 0x02) !== 0) user.mcs = (info >>> 20) & 0x0f;
    if ((info & 0x10) !== 0) user.nss = (info >>> 24) & 0x0f;
    record.users.push(user);
  }
  return record;
}
