/** TLS records: RFC 8446 §5.1, RFC 5246 §6.2. No reassembly: a segment that does not begin with one has no layer. */
import { u16, u24 } from '../bytes.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';
import { CLIENT_HELLO, type ClientHello, clientHello } from './client-hello.ts';

export const TLS_RECORD_BYTES = 5;
const HANDSHAKE = 22;
const FIRST_TYPE = 20;
const LAST_TYPE = 24;
/** 2^14 of plaintext and up to 2,048 of what encryption adds in TLS 1.2. */
const MAX_FRAGMENT = 16_384 + 2_048;
const SERVER_HELLO = 2;

export interface TlsRecordHeader {
  contentType: number;
  version: number;
  length: number;
}

export interface TlsRecord {
  /** All record headers in this segment; the last may go on in the next. */
  records: TlsRecordHeader[];
  /** First handshake message of the first record, where that is not encrypted. */
  handshakeType?: number;
  clientHello?: ClientHello;
  serverHello?: { legacyVersion: number; cipherSuite: number };
}

function isRecord(b: Uint8Array, at: number, end: number): boolean {
  if (end - at < TLS_RECORD_BYTES) return false;
  if (b[at] < FIRST_TYPE || b[at] > LAST_TYPE || b[at + 1] !== 3 || b[at + 2] > 4) return false;
  return u16(b, at + 3) <= MAX_FRAGMENT;
}

/** The ClientHello that the segment at `start` begins with, or null. */
export function tlsClientHello(b: Uint8Array, start: number, end: number): ClientHello | null {
  if (!isRecord(b, start, end) || b[start] !== HANDSHAKE) return null;
  const recordEnd = start + TLS_RECORD_BYTES + u16(b, start + 3);
  return clientHello(b, start + TLS_RECORD_BYTES, Math.min(end, recordEnd));
}

function serverHello(b: Uint8Array, start: number, end: number): TlsRecord['serverHello'] {
  // Type, length, version, random, session id length.
  if (end - start < 39) return undefined;
  const at = start + 39 + b[start + 38];
  return at + 2 > end ? undefined : { legacyVersion: u16(b, start + 4), cipherSuite: u16(b, at) };
}

export const tls: Layer<TlsRecord> = {
  proto: Proto.tls,

  dissect(d, start, end) {
    if (!isRecord(d.frame, start, end)) return;
    d.push(Proto.tls, start, start + TLS_RECORD_BYTES, end);
  },

  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const end = d.end[i];
    const record: TlsRecord = { records: [] };
    for (let at = start; isRecord(b, at, end); ) {
      const length = u16(b, at + 3);
      record.records.push({ contentType: b[at], version: u16(b, at + 1), length });
      at += TLS_RECORD_BYTES + length;
    }
    const { contentType, length } = record.records[0];
    const message = start + TLS_RECORD_BYTES;
    const messageEnd = Math.min(end, message + length);
    if (contentType !== HANDSHAKE || messageEnd - message < 4) return record;
    // Encrypted handshake messages look like any type at all: only ones whose length fits are named.
    const type = b[message];
    if (u24(b, message + 1) + 4 > length && type !== CLIENT_HELLO) return record;
    record.handshakeType = type;
    if (type === CLIENT_HELLO) record.clientHello = clientHello(b, message, messageEnd) ?? undefined;
    if (type === SERVER_HELLO) record.serverHello = serverHello(b, message, messageEnd);
    return record;
  },
};
