import { hex } from '../bytes.ts';
import { i8, u16le, u32le, u64le } from '../little-endian.ts';
import { RadiotapField, RadiotapIterator } from './radiotap-iterator.ts';
import {
  type EhtRecord,
  ehtOf,
  type HeMuRecord,
  type HeRecord,
  heMuOf,
  heOf,
  type McsRecord,
  mcsOf,
  type USigRecord,
  uSigOf,
  type VhtRecord,
  vhtOf,
} from './radiotap-modulation.ts';

/** One presence word's signal readings; radios add a word per antenna. */
export interface AntennaRecord {
  /** radiotap.antenna */
  antenna?: number;
  /** radiotap.dbm_antsignal, radiotap.dbm_antnoise, radiotap.db_antsignal, radiotap.db_antnoise */
  dbmAntSignal?: number;
  dbmAntNoise?: number;
  dbAntSignal?: number;
  dbAntNoise?: number;
}

export interface VendorRecord {
  oui: string;
  subNamespace: number;
  data: string;
}

export interface RadiotapRecord {
  /** radiotap.version, radiotap.length, radiotap.present.word */
  version: number;
  length: number;
  present: number[];
  /** radiotap.mactime, microseconds, 64 bits as decimal text. */
  mactime?: string;
  /** radiotap.flags */
  flags?: number;
  /** radiotap.datarate, Mb/s (legacy rates only). */
  datarate?: number;
  /** radiotap.channel.freq (MHz), radiotap.channel.flags */
  channel?: { freq: number; flags: number };
  fhss?: { hopset: number; pattern: number };
  antennas: AntennaRecord[];
  /** radiotap.quality, radiotap.txattenuation, radiotap.db_txattenuation, radiotap.txpower (dBm) */
  quality?: number;
  txAttenuation?: number;
  dbTxAttenuation?: number;
  txPower?: number;
  /** radiotap.rxflags, radiotap.txflags */
  rxFlags?: number;
  txFlags?: number;
  rtsRetries?: number;
  dataRetries?: number;
  /** radiotap.xchannel.* */
  xchannel?: { flags: number; freq: number; channel: number; maxPower: number };
  mcs?: McsRecord;
  /** radiotap.ampdu.reference, radiotap.ampdu.flags */
  ampdu?: { reference: number; flags: number; delimiterCrc: number };
  vht?: VhtRecord;
  /** radiotap.timestamp.*; unit 0 is ms, 1 us, 2 ns. */
  timestamp?: { ts: string; accuracy: number; unit: number; samplingPosition: number; flags: number };
  he?: HeRecord;
  heMu?: HeMuRecord;
  heMuOtherUsers?: string[];
  /** radiotap.0_length_psdu.type */
  zeroLengthPsdu?: number;
  lSig?: { rate?: number; length?: number };
  uSig?: USigRecord;
  eht?: EhtRecord;
  s1g?: string;
  vendors: VendorRecord[];
  /** TLVs of types that no standard has yet. */
  unknownTlvs: { type: number; data: string }[];
}

function presenceWords(b: Uint8Array, start: number): number[] {
  const words = [u32le(b, start + 4)];
  for (let at = start + 4; u32le(b, at) >>> 31 !== 0; ) {
    at += 4;
    words.push(u32le(b, at));
  }
  return words;
}

/** All fields of the header at `start`; those before a fault when it is broken. */
export function radiotapRecord(b: Uint8Array, start: number, end: number): RadiotapRecord {
  const record: RadiotapRecord = {
    version: b[start],
    length: u16le(b, start + 2),
    present: presenceWords(b, start),
    antennas: [],
    vendors: [],
    unknownTlvs: [],
  };
  const it = new RadiotapIterator();
  it.reset(b, start, end);
  const byWord = new Map<number, AntennaRecord>();
  const antenna = (): AntennaRecord => {
    let entry = byWord.get(it.word);
    if (entry === undefined) {
      entry = {};
      byWord.set(it.word, entry);
      record.antennas.push(entry);
    }
    return entry;
  };
  while (it.next()) readField(record, b, it, antenna);
  return record;
}

function readField(
  record: RadiotapRecord,
  b: Uint8Array,
  it: RadiotapIterator,
  antenna: () => AntennaRecord,
): void {
  const o = it.offset;
  switch (it.field) {
    case RadiotapField.tsft:
      record.mactime ??= u64le(b, o).toString();
      return;
    case RadiotapField.flags:
      record.flags ??= b[o];
      return;
    case RadiotapField.rate:
      record.datarate = b[o] / 2;
      return;
    case RadiotapField.channel:
      record.channel = { freq: u16le(b, o), flags: u16le(b, o + 2) };
      return;
    case RadiotapField.fhss:
      record.fhss = { hopset: b[o], pattern: b[o + 1] };
      return;
    case RadiotapField.dbmAntennaSignal:
      antenna().dbmAntSignal = i8(b, o);
      return;
    case RadiotapField.dbmAntennaNoise:
      antenna().dbmAntNoise = i8(b, o);
      return;
    case RadiotapField.lockQuality:
      record.quality = u16le(b, o);
      return;
    case RadiotapField.txAttenuation:
      record.txAttenuation = u16le(b, o);
      return;
    case RadiotapField.dbTxAttenuation:
      record.dbTxAttenuation = u16le(b, o);
      return;
    case RadiotapField.dbmTxPower:
      record.txPower = i8(b, o);
      return;
    case RadiotapField.antenna:
      antenna().antenna = b[o];
      return;
    case RadiotapField.dbAntennaSignal:
      antenna().dbAntSignal = b[o];
      return;
    case RadiotapField.dbAntennaNoise:
      antenna().dbAntNoise = b[o];
      return;
    case RadiotapField.rxFlags:
      record.rxFlags = u16le(b, o);
      return;
    case RadiotapField.txFlags:
      record.txFlags = u16le(b, o);
      return;
    case RadiotapField.rtsRetries:
      record.rtsRetries = b[o];
      return;
    case RadiotapField.dataRetries:
      record.dataRetries = b[o];
      return;
    case RadiotapField.xChannel:
      record.xchannel = {
        flags: u32le(b, o),
        freq: u16le(b, o + 4),
        channel: b[o + 6],
        maxPower: i8(b, o + 7),
      };
      return;
    case RadiotapField.mcs:
      record.mcs = mcsOf(b, o);
      return;
    case RadiotapField.ampduStatus:
      record.ampdu = { reference: u32le(b, o), flags: u16le(b, o + 4), delimiterCrc: b[o + 6] };
      return;
    case RadiotapField.vht:
      record.vht = vhtOf(b, o);
      return;
    case RadiotapField.timestamp:
      record.timestamp = {
        ts: u64le(b, o).toString(),
        accuracy: u16le(b, o + 8),
        unit: b[o + 10] & 0x0f,
        samplingPosition: b[o + 10] >> 4,
        flags: b[o + 11],
      };
      return;
    case RadiotapField.he:
      record.he = heOf(b, o);
      return;
    case RadiotapField.heMu:
      record.heMu = heMuOf(b, o);
      return;
    case RadiotapField.heMuOtherUser:
      record.heMuOtherUsers ??= [];
      record.heMuOtherUsers.push(hex(b, o, o + 6));
      return;
    case RadiotapField.zeroLengthPsdu:
      record.zeroLengthPsdu = b[o];
      return;
    case RadiotapField.lSig: {
      const known = u16le(b, o);
      const value = u16le(b, o + 2);
      record.lSig = {};
      if ((known & 1) !== 0) record.lSig.rate = value & 0x0f;
      if ((known & 2) !== 0) record.lSig.length = value >> 4;
      return;
    }
    case RadiotapField.vendorNamespace:
      record.vendors.push({
        oui: hex(b, o, o + 3, ':'),
        subNamespace: b[o + 3],
        data: hex(b, o + it.size, o + it.size + it.vendorLength),
      });
      return;
    case RadiotapField.uSig:
      if (it.size >= 12) record.uSig = uSigOf(b, o);
      return;
    case RadiotapField.eht:
      if (it.size >= 40) record.eht = ehtOf(b, o, it.size);
      return;
    case RadiotapField.s1g:
      record.s1g = hex(b, o, o + it.size);
      return;
    default:
      record.unknownTlvs.push({ type: it.field, data: hex(b, o, o + it.size) });
  }
}
