/** CAPWAP between access points and controllers: RFC 5415 §4, its IEEE 802.11 binding RFC 5416. */
import { hex, u16, u24, u32 } from '../bytes.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import { udpDestinationPort, udpSourcePort } from './udp.ts';

export const CAPWAP_CONTROL_PORT = 5246;
const FIXED_BYTES = 8;
const DTLS_BYTES = 4;
const BINDING_80211 = 1;

export const CapwapFlag = {
  nativeFrame: 0x100,
  fragment: 0x080,
  lastFragment: 0x040,
  wirelessInfo: 0x020,
  radioMac: 0x010,
  keepAlive: 0x008,
} as const;

export interface CapwapRecord {
  /** The rest is encrypted. */
  dtls: boolean;
  headerBytes?: number;
  radioId?: number;
  bindingId?: number;
  flags?: number;
  fragmentId?: number;
  /** Bytes. */
  fragmentOffset?: number;
  radioMac?: string;
  /** Hexadecimal. */
  wirelessInfo?: string;
  /** 802.11 binding of a frame that came from the air. */
  rssiDbm?: number;
  snrDb?: number;
  dataRate100Kbps?: number;
  /** Control channel in the clear (discovery). */
  messageType?: number;
  sequence?: number;
}

function readOptional(record: CapwapRecord, b: Uint8Array, start: number, headerEnd: number): void {
  const flags = record.flags ?? 0;
  let at = start + FIXED_BYTES;
  if ((flags & CapwapFlag.radioMac) !== 0) {
    if (at >= headerEnd || at + 1 + b[at] > headerEnd) return;
    record.radioMac = hex(b, at + 1, at + 1 + b[at], ':');
    at += (1 + b[at] + 3) & ~3;
  }
  if ((flags & CapwapFlag.wirelessInfo) === 0) return;
  if (at >= headerEnd || at + 1 + b[at] > headerEnd) return;
  record.wirelessInfo = hex(b, at + 1, at + 1 + b[at]);
  if (record.bindingId !== BINDING_80211 || b[at] !== 4) return;
  record.rssiDbm = (b[at + 1] << 24) >> 24;
  record.snrDb = (b[at + 2] << 24) >> 24;
  record.dataRate100Kbps = u16(b, at + 3);
}

function isControl(b: Uint8Array, udpStart: number): boolean {
  const port = CAPWAP_CONTROL_PORT;
  return udpDestinationPort(b, udpStart) === port || udpSourcePort(b, udpStart) === port;
}

export const capwap: Layer<CapwapRecord> = {
  proto: Proto.capwap,

  dissect(d, start, end) {
    const b = d.frame;
    if (end - start < DTLS_BYTES) return;
    if (b[start] >> 4 !== 0 || (b[start] & 15) > 1) return; // not version 0, type header or DTLS
    if ((b[start] & 15) === 1) {
      d.push(Proto.capwap, start, start + DTLS_BYTES, end);
      return;
    }
    if (end - start < FIXED_BYTES) return d.truncated(Proto.capwap, start, FIXED_BYTES, end - start);
    const bits = u24(b, start + 1);
    const headerBytes = (bits >> 19) * 4;
    if (headerBytes < FIXED_BYTES) return d.malformed(Proto.capwap, start + 1, 'header length below 8');
    if (end - start < headerBytes) return d.truncated(Proto.capwap, start, headerBytes, end - start);
    const headerEnd = start + headerBytes;
    const isControlChannel = isControl(b, d.start[d.count - 1]);
    d.push(Proto.capwap, start, headerEnd, end);
    if ((bits & (CapwapFlag.fragment | CapwapFlag.keepAlive | 7)) !== 0) return;
    if (isControlChannel || headerEnd === end) return;
    if ((bits & CapwapFlag.nativeFrame) === 0) d.next(Proto.ethernet, headerEnd, end);
    else if (((bits >> 9) & 31) === BINDING_80211) d.next(Proto.ieee80211, headerEnd, end);
  },

  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    if ((b[start] & 15) === 1) return { dtls: true };
    const bits = u24(b, start + 1);
    const headerEnd = d.headerEnd[i];
    const record: CapwapRecord = {
      dtls: false,
      headerBytes: headerEnd - start,
      radioId: (bits >> 14) & 31,
      bindingId: (bits >> 9) & 31,
      flags: bits & 0x1ff,
      fragmentId: u16(b, start + 4),
      fragmentOffset: (u16(b, start + 6) >> 3) * 8,
    };
    readOptional(record, b, start, headerEnd);
    if (i > 0 && isControl(b, d.start[i - 1]) && d.end[i] - headerEnd >= 8) {
      record.messageType = u32(b, headerEnd);
      record.sequence = b[headerEnd + 4];
    }
    return record;
  },
};
