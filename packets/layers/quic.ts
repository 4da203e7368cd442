/**
 * QUIC long headers: version-independent RFC 8999, version 1 RFC 9000 §17.2, version 2 RFC 9369. Short headers
 * cannot be told from noise and get no layer.
 */
import { hex, u32 } from '../bytes.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

export const QUIC_V1 = 0x00000001;
export const QUIC_V2 = 0x6b3343cf;
const MAX_CONNECTION_ID = 20;

export interface QuicRecord {
  /** 0 is version negotiation. */
  version: number;
  packetType?: 'initial' | '0rtt' | 'handshake' | 'retry';
  /** Hexadecimal. */
  destinationConnectionId: string;
  sourceConnectionId: string;
  tokenBytes?: number;
  /** Packet number and payload of an Initial, 0-RTT or Handshake packet. */
  length?: number;
}

/** Where the parts of a long header lie; `payload` is the packet number's offset. */
export interface QuicHeader {
  version: number;
  /** Of version 1: 0 Initial, 1 0-RTT, 2 Handshake, 3 Retry; −1 in other versions. */
  type: number;
  destinationStart: number;
  destinationEnd: number;
  sourceStart: number;
  sourceEnd: number;
  tokenStart: number;
  tokenEnd: number;
  length: number;
  payload: number;
}

const varintBytes = (b: Uint8Array, at: number): number => 1 << (b[at] >> 6);

/** Variable-length integer of RFC 9000 §16 at `at`; −1 when it is cut off. */
export function quicVarint(b: Uint8Array, at: number, end: number): number {
  if (at >= end || at + varintBytes(b, at) > end) return -1;
  let value = b[at] & 0x3f;
  for (let i = 1; i < varintBytes(b, at); i++) value = value * 256 + b[at + i];
  return value;
}

/** End of the invariant part (RFC 8999 §5.1), or −1 when this is no long header that we know. */
function invariantEnd(b: Uint8Array, start: number, end: number): number {
  if (end - start < 7 || (b[start] & 0x80) === 0) return -1;
  const version = u32(b, start + 1);
  // The fixed bit is zero only in version negotiation; other versions would be guesses.
  if (version !== 0 && (b[start] & 0x40) === 0) return -1;
  if (version !== 0 && version !== QUIC_V1 && version !== QUIC_V2) return -1;
  const sourceLength = start + 6 + b[start + 5];
  if (b[start + 5] > MAX_CONNECTION_ID || sourceLength >= end) return -1;
  const headerEnd = sourceLength + 1 + b[sourceLength];
  return b[sourceLength] > MAX_CONNECTION_ID || headerEnd > end ? -1 : headerEnd;
}

/** The long header at `start`, or null when it is none. */
export function quicHeader(b: Uint8Array, start: number, end: number): QuicHeader | null {
  const known = invariantEnd(b, start, end);
  if (known < 0) return null;
  const version = u32(b, start + 1);
  const bits = (b[start] >> 4) & 3;
  const destinationStart = start + 6;
  const destinationEnd = destinationStart + b[start + 5];
  const header: QuicHeader = {
    version,
    // Version 2 rotated the types by one (RFC 9369 §3.2).
    type: version === 0 ? -1 : version === QUIC_V2 ? (bits + 3) & 3 : bits,
    destinationStart,
    destinationEnd,
    sourceStart: destinationEnd + 1,
    sourceEnd: known,
    tokenStart: known,
    tokenEnd: known,
    length: -1,
    payload: known,
  };
  if (header.type < 0 || header.type === 3) return header;
  let at = known;
  if (header.type === 0) {
    const tokenBytes = quicVarint(b, at, end);
    if (tokenBytes < 0) return header;
    header.tokenStart = at + varintBytes(b, at);
    header.tokenEnd = header.tokenStart + tokenBytes;
    at = header.tokenEnd;
  }
  header.length = quicVarint(b, at, end);
  if (header.length >= 0) header.payload = at + varintBytes(b, at);
  return header;
}

const TYPES = ['initial', '0rtt', 'handshake', 'retry'] as const;

export const quic: Layer<QuicRecord> = {
  proto: Proto.quic,

  dissect(d, start, end) {
    const headerEnd = invariantEnd(d.frame, start, end);
    if (headerEnd >= 0) d.push(Proto.quic, start, headerEnd, end);
  },

  record(d, i) {
    const b = d.frame;
    const header = quicHeader(b, d.start[i], d.end[i]);
    if (header === null) return { version: 0, destinationConnectionId: '', sourceConnectionId: '' };
    return {
      version: header.version,
      packetType: TYPES[header.type],
      destinationConnectionId: hex(b, header.destinationStart, header.destinationEnd),
      sourceConnectionId: hex(b, header.sourceStart, header.sourceEnd),
      tokenBytes: header.type === 0 ? header.tokenEnd - header.tokenStart : undefined,
      length: header.length < 0 ? undefined : header.length,
    };
  },
};
