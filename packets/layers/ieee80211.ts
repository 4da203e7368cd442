import { macText, u16 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import type { Layer } from '../layer.ts';
import { u16le, u32le } from '../little-endian.ts';
import { Proto } from '../protocols.ts';
import {
  type Cipher,
  cipherHeaderLength,
  cipherOf,
  countSubframes,
  hasMeshControl,
  isLaterFragment,
  type MeshControl,
  meshControlLength,
  meshControlOf,
  SUBFRAME_HEADER,
  subframeEnd,
} from './ieee80211-body.ts';
import { hasBadFcs, hasDataPad } from './ieee80211-capture.ts';
import { type ControlRecord, controlBodyLength, controlRecord } from './ieee80211-control.ts';
import { type ElementRecord, elementRecords } from './ieee80211-element-record.ts';
import { brokenElement, shortElement, shortestBody } from './ieee80211-elements.ts';
import * as header from './ieee80211-header.ts';
import { elementsAt, fixedLength, fixedRecord, type ManagementFixedRecord } from './ieee80211-management.ts';

export interface Ieee80211Record {
  /** wlan.fc.version, wlan.fc.type, wlan.fc.subtype */
  version: number;
  type: number;
  subtype: number;
  /** wlan.fc.tods, wlan.fc.fromds, wlan.fc.frag, wlan.fc.retry, wlan.fc.pwrmgt, wlan.fc.moredata,
   * wlan.fc.protected, wlan.fc.order */
  toDs: boolean;
  fromDs: boolean;
  moreFragments: boolean;
  retry: boolean;
  powerManagement: boolean;
  moreData: boolean;
  protected: boolean;
  order: boolean;
  /** wlan.duration, microseconds; wlan.aid in a PS-Poll. */
  duration?: number;
  aid?: number;
  /** wlan.ra, wlan.ta, wlan.da, wlan.sa, wlan.bssid */
  ra: string;
  ta?: string;
  da?: string;
  sa?: string;
  bssid?: string;
  /** wlan.seq, wlan.frag */
  seq?: number;
  frag?: number;
  /** wlan.qos.tid, wlan.qos.eosp, wlan.qos.ack, wlan.qos.amsdupresent */
  qos?: { tid: number; eosp: boolean; ack: number; amsduPresent: boolean; value: number };
  /** wlan.htc */
  htc?: number;
  mesh?: MeshControl;
  /** Cipher by the look of its header, wlan.wep.iv or wlan.tkip.extiv / wlan.ccmp.extiv are not repeated. */
  cipher?: Cipher;
  keyId?: number;
  amsdu?: { subframes: number; da: string; sa: string; length: number };
  badFcs?: true;
  control?: ControlRecord;
  management?: ManagementFixedRecord & { elements: ElementRecord[] };
}

function dissectManagement(d: Dissection, start: number, body: number, end: number): void {
  const b = d.frame;
  const subtype = header.frameSubtype(b, start);
  const needed = fixedLength(b, body, end, subtype);
  if (body + needed > end) {
    d.truncated(Proto.ieee80211, body, needed, end - body);
    return;
  }
  const elements = elementsAt(b, body, end, subtype);
  if (elements < 0) return;
  const broken = brokenElement(b, elements, end);
  if (broken >= 0) {
    d.truncated(Proto.ieee80211, broken, broken + 2 > end ? 2 : 2 + b[broken + 1], end - broken);
    return;
  }
  const short = shortElement(b, elements, end);
  if (short >= 0) d.truncated(Proto.ieee80211, short + 2, shortestBody(b[short]), b[short + 1]);
}

function dissectData(d: Dissection, start: number, body: number, end: number): void {
  const b = d.frame;
  let at = body;
  let payloadEnd = end;
  if (header.isAggregateMsdu(b, start)) {
    if (at + SUBFRAME_HEADER > end) {
      d.push(Proto.ieee80211, start, body, end);
      d.truncated(Proto.ieee80211, at, SUBFRAME_HEADER, end - at);
      return;
    }
    payloadEnd = subframeEnd(b, at, end);
    at += SUBFRAME_HEADER;
  }
  if (hasMeshControl(b, start, at, payloadEnd)) {
    const mesh = meshControlLength(b, at);
    if (at + mesh > payloadEnd) {
      d.push(Proto.ieee80211, start, body, end);
      d.truncated(Proto.ieee80211, at, mesh, payloadEnd - at);
      return;
    }
    at += mesh;
  }
  d.push(Proto.ieee80211, start, at, end);
  if (at === payloadEnd || isLaterFragment(b, start)) return;
  if (header.moreFragments(b, start)) d.firstFragment = true;
  d.next(Proto.llc, at, payloadEnd);
}

/**
 * IEEE 802.11-2020 clause 9. The layer's header runs to the end of the MAC header, and on over cipher header
 * (protected frames stop there), first A-MSDU subframe header and mesh control where there are such.
 */
export const ieee80211: Layer<Ieee80211Record> = {
  proto: Proto.ieee80211,
  dissect(d: Dissection, start: number, end: number): void {
    const b = d.frame;
    const available = end - start;
    if (available < 2) {
      d.truncated(Proto.ieee80211, start, 2, available);
      return;
    }
    if (header.frameVersion(b, start) !== 0) {
      d.malformed(Proto.ieee80211, start, 'protocol version is not 0');
      return;
    }
    let length = header.macHeaderLength(b, start);
    if (available < length) {
      d.truncated(Proto.ieee80211, start, length, available);
      return;
    }
    if (hasBadFcs(d, d.count)) {
      // A frame that failed its check is evidence of nothing but the addresses that one may guess from it.
      d.push(Proto.ieee80211, start, start + length, end);
      return;
    }
    const type = header.frameType(b, start);
    if (type === header.TYPE_CONTROL) {
      const needed = controlBodyLength(b, start, start + length, end);
      d.push(Proto.ieee80211, start, start + length, end);
      if (length + needed > available) {
        d.truncated(Proto.ieee80211, start + length, needed, available - length);
      }
      return;
    }
    if (type === header.TYPE_EXTENSION) {
      d.push(Proto.ieee80211, start, start + length, end);
      return;
    }
    if (hasDataPad(d, d.count)) length = Math.min(available, (length + 3) & -4);
    const body = start + length;
    const isNull = type === header.TYPE_DATA && header.isWithoutData(b, start);
    if (header.isProtected(b, start) && !isNull) {
      const cipher = cipherHeaderLength(b, body, end);
      if (cipher === 0 || body + cipher > end) {
        d.push(Proto.ieee80211, start, body, end);
        d.truncated(Proto.ieee80211, body, cipher === 0 ? 4 : cipher, end - body);
        return;
      }
      d.push(Proto.ieee80211, start, body + cipher, end);
      return;
    }
    if (type === header.TYPE_MANAGEMENT) {
      d.push(Proto.ieee80211, start, body, end);
      if (isLaterFragment(b, start)) return;
      dissectManagement(d, start, body, end);
      return;
    }
    if (isNull) d.push(Proto.ieee80211, start, body, end);
    else dissectData(d, start, body, end);
  },
  record: (d, i) => ieee80211Record(d, i),
};

/** First byte behind the MAC header (and the driver's padding) of layer `i`: fixed fields or cipher header. */
export function bodyOffset(d: Dissection, i: number): number {
  const start = d.start[i];
  const length = header.macHeaderLength(d.frame, start);
  return start + (hasDataPad(d, i) ? Math.min(d.end[i] - start, (length + 3) & -4) : length);
}

function textAt(b: Uint8Array, at: number): string | undefined {
  return at < 0 ? undefined : macText(b, at);
}

function ieee80211Record(d: Dissection, i: number): Ieee80211Record {
  const b = d.frame;
  const start = d.start[i];
  const end = d.end[i];
  const type = header.frameType(b, start);
  const record: Ieee80211Record = {
    version: header.frameVersion(b, start),
    type,
    subtype: header.frameSubtype(b, start),
    toDs: header.toDs(b, start),
    fromDs: header.fromDs(b, start),
    moreFragments: header.moreFragments(b, start),
    retry: header.isRetry(b, start),
    powerManagement: header.powerManagement(b, start),
    moreData: header.moreData(b, start),
    protected: header.isProtected(b, start),
    order: header.hasOrder(b, start),
    ra: macText(b, header.receiverOffset(start)),
    ta: textAt(b, header.transmitterOffset(b, start)),
    da: textAt(b, header.destinationOffset(b, start)),
    sa: textAt(b, header.sourceOffset(b, start)),
    bssid: textAt(b, header.bssidOffset(b, start)),
  };
  if (type === header.TYPE_CONTROL && record.subtype === header.Control.psPoll) {
    record.aid = header.associationIdOf(b, start);
  } else record.duration = header.durationUs(b, start);
  if (hasBadFcs(d, i)) record.badFcs = true;
  if (type === header.TYPE_CONTROL) {
    if (record.badFcs !== true) {
      record.control = controlRecord(b, start, start + header.macHeaderLength(b, start), end);
    }
    return record;
  }
  if (type === header.TYPE_EXTENSION) return record;
  record.seq = header.sequenceNumber(b, start);
  record.frag = header.fragmentNumber(b, start);
  qosAndHtControl(record, b, start);
  if (record.badFcs === true) return record;
  const body = bodyOffset(d, i);
  if (record.protected) {
    if (body + 4 <= end && !(type === header.TYPE_DATA && header.isWithoutData(b, start))) {
      record.cipher = cipherOf(b, body);
      record.keyId = b[body + 3] >> 6;
    }
    return record;
  }
  if (type === header.TYPE_MANAGEMENT) readManagement(record, b, body, end);
  else readData(record, b, start, body, end);
  return record;
}

function qosAndHtControl(record: Ieee80211Record, b: Uint8Array, start: number): void {
  const headerEnd = start + header.macHeaderLength(b, start);
  if (header.isQosData(b, start)) {
    const value = u16le(b, header.qosOffset(b, start));
    record.qos = {
      tid: value & 0x0f,
      eosp: (value & 0x10) !== 0,
      ack: (value >> 5) & 3,
      amsduPresent: (value & 0x80) !== 0,
      value,
    };
    if (record.order) record.htc = u32le(b, headerEnd - header.HT_CONTROL);
  } else if (record.type === header.TYPE_MANAGEMENT && record.order) {
    record.htc = u32le(b, headerEnd - header.HT_CONTROL);
  }
}

function readManagement(record: Ieee80211Record, b: Uint8Array, body: number, end: number): void {
  if (record.frag !== 0 || body + fixedLength(b, body, end, record.subtype) > end) return;
  const elements = elementsAt(b, body, end, record.subtype);
  record.management = {
    ...fixedRecord(b, body, end, record.subtype),
    elements: elements < 0 ? [] : elementRecords(b, elements, end),
  };
}

function readData(record: Ieee80211Record, b: Uint8Array, start: number, body: number, end: number): void {
  let at = body;
  if (header.isAggregateMsdu(b, start) && at + SUBFRAME_HEADER <= end) {
    // In an A-MSDU the frame's own third address is the BSSID: the subframe has the two ends.
    record.da = macText(b, at);
    record.sa = macText(b, at + 6);
    record.amsdu = {
      subframes: countSubframes(b, body, end),
      da: record.da,
      sa: record.sa,
      length: u16(b, at + 12),
    };
    at += SUBFRAME_HEADER;
  }
  if (!hasMeshControl(b, start, at, end) || at + meshControlLength(b, at) > end) return;
  record.mesh = meshControlOf(b, at);
}
