import { hex, macText } from '../bytes.ts';
import { u16le, u32le } from '../little-endian.ts';
import { Control, frameSubtype, HT_CONTROL } from './ieee80211-header.ts';

/** Bodies of control frames (IEEE 802.11-2020 9.3.1, 802.11ax and 802.11be for trigger and NDP announcement). */

/** Block ack types, table 9-28 (bits 1 to 4 of the control field). */
const BlockAckType = {
  basic: 0,
  extendedCompressed: 1,
  compressed: 2,
  multiTid: 3,
  gcr: 6,
  multiSta: 11,
} as const;

const BASIC_BITMAP = 128;
const TRIGGER_COMMON = 8;
const TID_MANAGEMENT = 15;
const AID_UNASSOCIATED = 2045;

const blockAckType = (b: Uint8Array, at: number): number => (b[at] >> 1) & 0x0f;

/** Bitmap bytes by the fragment number of the starting sequence control, 802.11be table 9-30. */
function bitmapBytes(startingSequenceControl: number): number {
  const size = (startingSequenceControl >> 1) & 3;
  if ((startingSequenceControl & 8) !== 0) return size === 0 ? 64 : 128;
  return [8, 16, 32, 4][size];
}

function blockAckNeeded(b: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) return 2;
  const type = blockAckType(b, at);
  if (type === BlockAckType.multiTid || type === BlockAckType.multiSta) return 2;
  if (at + 4 > end) return 4;
  if (type === BlockAckType.basic) return 4 + BASIC_BITMAP;
  return (type === BlockAckType.gcr ? 10 : 4) + bitmapBytes(u16le(b, at + 2));
}

function blockAckRequestNeeded(b: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) return 2;
  switch (blockAckType(b, at)) {
    case BlockAckType.multiTid:
      // TID_INFO is the number of TIDs less one.
      return 2 + 4 * ((b[at + 1] >> 4) + 1);
    case BlockAckType.gcr:
      return 2 + 2 + 6;
    default:
      return 4;
  }
}

/** Bytes that the frame's own fields ask for behind the MAC header, which ends at `at`. */
export function controlBodyLength(b: Uint8Array, start: number, at: number, end: number): number {
  switch (frameSubtype(b, start)) {
    case Control.trigger:
      return TRIGGER_COMMON;
    case Control.beamformingReportPoll:
    case Control.ndpAnnouncement:
      return 1;
    case Control.blockAckRequest:
      return blockAckRequestNeeded(b, at, end);
    case Control.blockAck:
      return blockAckNeeded(b, at, end);
    default:
      return 0;
  }
}

export interface BlockAckEntry {
  aid?: number;
  tid: number;
  /** wlan.fixed.ssc.sequence, wlan.fixed.ssc.fragment */
  sequence?: number;
  fragment?: number;
  /** Receiver of an unassociated station's acknowledgement. */
  ra?: string;
  /** wlan.ba.bm */
  bitmap?: string;
}

export interface ControlRecord {
  /** wlan.ba.control / wlan.bar.type and what follows it. */
  blockAck?: { control: number; type: number; entries: BlockAckEntry[] };
  /** wlan.trigger.he.trigger_type, wlan.trigger.he.ul_length, wlan.trigger.he.ul_bw */
  trigger?: { type: number; ulLength: number; moreTf: boolean; ulBandwidth: number; users: string };
  /** wlan.vht_ndp.token; variants 0 VHT, 1 ranging, 2 HE, 3 EHT. */
  ndpAnnouncement?: { variant: number; token: number; stations: number[] };
  /** wlan.beamform.feedback_seg_retrans_bitmap */
  feedbackSegments?: number;
  /** Control wrapper, 9.3.1.10 */
  carriedFrameControl?: number;
  htc?: number;
}

/** What of the body is there. `at` is the end of the MAC header. */
export function controlRecord(
  b: Uint8Array,
  start: number,
  at: number,
  end: number,
): ControlRecord | undefined {
  const subtype = frameSubtype(b, start);
  if (subtype === Control.wrapper) {
    return {
      carriedFrameControl: u16le(b, at - HT_CONTROL - 2),
      htc: u32le(b, at - HT_CONTROL),
    };
  }
  const needed = controlBodyLength(b, start, at, end);
  if (needed === 0 || at + needed > end) return undefined;
  switch (subtype) {
    case Control.trigger:
      return {
        trigger: {
          type: b[at] & 0x0f,
          ulLength: (u16le(b, at) >> 4) & 0xfff,
          moreTf: (b[at + 2] & 1) !== 0,
          ulBandwidth: (b[at + 2] >> 2) & 3,
          users: hex(b, at + TRIGGER_COMMON, end),
        },
      };
    case Control.beamformingReportPoll:
      return { feedbackSegments: b[at] };
    case Control.ndpAnnouncement:
      return { ndpAnnouncement: ndpAnnouncementOf(b, at, end) };
    case Control.blockAckRequest:
    case Control.blockAck:
      return {
        blockAck: {
          control: u16le(b, at),
          type: blockAckType(b, at),
          entries: blockAckEntries(b, subtype === Control.blockAck, at, end),
        },
      };
    default:
      return undefined;
  }
}

function ndpAnnouncementOf(b: Uint8Array, at: number, end: number): ControlRecord['ndpAnnouncement'] {
  const variant = b[at] & 3;
  // VHT has two bytes a station, the later ones four.
  const size = variant === 0 ? 2 : 4;
  const mask = variant === 0 ? 0xfff : 0x7ff;
  const stations: number[] = [];
  for (let o = at + 1; o + size <= end; o += size) stations.push(u16le(b, o) & mask);
  return { variant, token: b[at] >> 2, stations };
}

function blockAckEntries(b: Uint8Array, isAck: boolean, at: number, end: number): BlockAckEntry[] {
  const type = blockAckType(b, at);
  if (type === BlockAckType.multiSta) return multiStationEntries(b, at + 2, end);
  if (type === BlockAckType.multiTid) return multiTidEntries(b, isAck, at, end);
  const ssc = u16le(b, at + 2);
  const entry: BlockAckEntry = { tid: b[at + 1] >> 4, sequence: ssc >> 4, fragment: ssc & 0x0f };
  if (!isAck) return [entry];
  const bitmap = at + (type === BlockAckType.gcr ? 10 : 4);
  const length = type === BlockAckType.basic ? BASIC_BITMAP : bitmapBytes(ssc);
  entry.bitmap = hex(b, bitmap, bitmap + length);
  return [entry];
}

function multiTidEntries(b: Uint8Array, isAck: boolean, at: number, end: number): BlockAckEntry[] {
  const entries: BlockAckEntry[] = [];
  const count = (b[at + 1] >> 4) + 1;
  const size = isAck ? 12 : 4;
  for (let k = 0, o = at + 2; k < count && o + size <= end; k++, o += size) {
    const ssc = u16le(b, o + 2);
    const entry: BlockAckEntry = { tid: b[o + 1] >> 4, sequence: ssc >> 4, fragment: ssc & 0x0f };
    if (isAck) entry.bitmap = hex(b, o + 4, o + 12);
    entries.push(entry);
  }
  return entries;
}

/** 802.11ax 9.3.1.8.6: what follows an AID TID field depends on it. */
function multiStationEntries(b: Uint8Array, from: number, end: number): BlockAckEntry[] {
  const entries: BlockAckEntry[] = [];
  for (let at = from; at + 2 <= end; ) {
    const info = u16le(b, at);
    const entry: BlockAckEntry = { aid: info & 0x7ff, tid: info >> 12 };
    const isAckOnly = (info & 0x800) !== 0;
    at += 2;
    if (!isAckOnly && entry.aid === AID_UNASSOCIATED && entry.tid === TID_MANAGEMENT) {
      if (at + 10 > end) break;
      entry.ra = macText(b, at + 4);
      at += 10;
    } else if (!isAckOnly) {
      if (at + 2 > end) break;
      const ssc = u16le(b, at);
      const bytes = bitmapBytes(ssc);
      if (at + 2 + bytes > end) break;
      entry.sequence = ssc >> 4;
      entry.fragment = ssc & 0x0f;
      entry.bitmap = hex(b, at + 2, at + 2 + bytes);
      at += 2 + bytes;
    }
    entries.push(entry);
  }
  return entries;
}
