import type { Dissection } from '../dissection.ts';
import type { Layer } from '../layer.ts';
import { i8, u16le, u32le } from '../little-endian.ts';
import { Proto } from '../protocols.ts';
import { RadiotapField, RadiotapIterator } from './radiotap-iterator.ts';
import { type RadiotapRecord, radiotapRecord } from './radiotap-record.ts';

/** Bits of the Flags field. */
export const RADIOTAP_FLAG_FCS_AT_END = 0x10;
export const RADIOTAP_FLAG_DATA_PAD = 0x20;
export const RADIOTAP_FLAG_BAD_FCS = 0x40;

export const FCS_LENGTH = 4;
const MAX_ANTENNAS = 16;

const iterator = new RadiotapIterator();

/** The Flags field, or 0 when absent. `start` is that of a layer that was dissected without a fault. */
export function radiotapFlags(b: Uint8Array, start: number): number {
  const present = u32le(b, start + 4);
  if ((present & (1 << RadiotapField.flags)) === 0) return 0;
  let at = start + 4;
  while (b[at + 3] >= 0x80) at += 4;
  at += 4;
  if ((present & (1 << RadiotapField.tsft)) !== 0) at = start + ((at - start + 7) & -8) + 8;
  return b[at];
}

/** What an observation needs of a radiotap header; reused from frame to frame. */
export class RadiotapReading {
  flags = 0;
  badFcs = false;
  /** Legacy rate, units of 500 kb/s; 0 when absent. */
  rate500Kbps = 0;
  /** Centre of the 20 MHz primary channel; 0 when absent. */
  frequencyMhz = 0;
  channelFlags = 0;
  /** The frame's own signal: the first one in the header; NaN when absent. */
  signalDbm = Number.NaN;
  noiseDbm = Number.NaN;
  /** Signals that named an antenna, one entry each; where none did, the frame's own as antenna 0. */
  antennaCount = 0;
  readonly antennaId = new Uint8Array(MAX_ANTENNAS);
  readonly antennaSignalDbm = new Int8Array(MAX_ANTENNAS);
  /** TSF timer at arrival, microseconds (exact up to 2^53); NaN when absent. */
  tsftUs = Number.NaN;
  /** HT MCS index; −1 when absent. */
  mcs = -1;
  hasVht = false;
  hasHe = false;
  hasEht = false;
  ampduReference = -1;
}

/** Fills `r` from the radiotap layer at `start`. False when the header is broken; `r` then holds what came before. */
export function readRadiotap(r: RadiotapReading, b: Uint8Array, start: number, end: number): boolean {
  r.flags = 0;
  r.badFcs = false;
  r.rate500Kbps = 0;
  r.frequencyMhz = 0;
  r.channelFlags = 0;
  r.signalDbm = Number.NaN;
  r.noiseDbm = Number.NaN;
  r.antennaCount = 0;
  r.tsftUs = Number.NaN;
  r.mcs = -1;
  r.hasVht = false;
  r.hasHe = false;
  r.hasEht = false;
  r.ampduReference = -1;
  const it = iterator;
  if (!it.reset(b, start, end)) return false;
  let wordSignal = Number.NaN;
  let signalWord = -1;
  while (it.next()) {
    const o = it.offset;
    switch (it.field) {
      case RadiotapField.tsft:
        r.tsftUs = u32le(b, o + 4) * 4294967296 + u32le(b, o);
        break;
      case RadiotapField.flags:
        r.flags = b[o];
        r.badFcs = (b[o] & RADIOTAP_FLAG_BAD_FCS) !== 0;
        break;
      case RadiotapField.rate:
        r.rate500Kbps = b[o];
        break;
      case RadiotapField.channel:
        r.frequencyMhz = u16le(b, o);
        r.channelFlags = u16le(b, o + 2);
        break;
      case RadiotapField.xChannel:
        if (r.frequencyMhz === 0) r.frequencyMhz = u16le(b, o + 4);
        break;
      case RadiotapField.dbmAntennaSignal:
        wordSignal = i8(b, o);
        signalWord = it.word;
        if (Number.isNaN(r.signalDbm)) r.signalDbm = wordSignal;
        break;
      case RadiotapField.dbmAntennaNoise:
        if (Number.isNaN(r.noiseDbm)) r.noiseDbm = i8(b, o);
        break;
      case RadiotapField.antenna:
        if (signalWord === it.word && r.antennaCount < MAX_ANTENNAS) {
          r.antennaId[r.antennaCount] = b[o];
          r.antennaSignalDbm[r.antennaCount++] = wordSignal;
        }
        break;
      case RadiotapField.mcs:
        if ((b[o] & 0x02) !== 0) r.mcs = b[o + 2];
        break;
      case RadiotapField.ampduStatus:
        r.ampduReference = u32le(b, o);
        break;
      case RadiotapField.vht:
        r.hasVht = true;
        break;
      case RadiotapField.he:
        r.hasHe = true;
        break;
      case RadiotapField.eht:
        r.hasEht = true;
        break;
    }
  }
  if (r.antennaCount === 0 && !Number.isNaN(r.signalDbm)) {
    r.antennaId[0] = 0;
    r.antennaSignalDbm[0] = r.signalDbm;
    r.antennaCount = 1;
  }
  return it.faultOffset < 0;
}

/** The capture header of radiotap.org; the 802.11 frame follows. */
export const radiotap: Layer<RadiotapRecord> = {
  proto: Proto.radiotap,
  dissect(d: Dissection, start: number, end: number): void {
    const it = iterator;
    if (!it.reset(d.frame, start, end)) {
      if (it.faultNeeded === 0) d.malformed(Proto.radiotap, it.faultOffset, 'length below the fixed part');
      else d.truncated(Proto.radiotap, it.faultOffset, it.faultNeeded, end - it.faultOffset);
      return;
    }
    if (it.version !== 0) {
      d.malformed(Proto.radiotap, start, 'version is not 0');
      return;
    }
    const headerEnd = it.end;
    let isWithoutPsdu = false;
    while (it.next()) if (it.field === RadiotapField.zeroLengthPsdu) isWithoutPsdu = true;
    if (it.faultOffset >= 0) {
      d.push(Proto.radiotap, start, headerEnd, end);
      d.truncated(Proto.radiotap, it.faultOffset, it.faultNeeded, Math.max(0, headerEnd - it.faultOffset));
      return;
    }
    // The FCS is not payload: it would give a short payload away, and no layer inside may take it for data.
    const fcs = (radiotapFlags(d.frame, start) & RADIOTAP_FLAG_FCS_AT_END) !== 0 ? FCS_LENGTH : 0;
    const frameEnd = d.withoutFcs(headerEnd, end, fcs);
    d.push(Proto.radiotap, start, headerEnd, frameEnd);
    // Sounding and the like: the radio saw a PPDU that carries no frame at all.
    if (!isWithoutPsdu) d.next(Proto.ieee80211, headerEnd, frameEnd);
  },
  record: (d, i) => radiotapRecord(d.frame, d.start[i], d.headerEnd[i]),
};
