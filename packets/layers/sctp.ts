/** SCTP: RFC 9260; its CRC32c is in checksum.ts. */
import { u16, u32 } from '../bytes.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

export const SCTP_BYTES = 12;
const CHUNK_HEADER_BYTES = 4;

/** End of the chunk at `at`, before its padding to 4 bytes, or −1 when its length lies. */
export function sctpChunkEnd(b: Uint8Array, at: number, end: number): number {
  if (at + CHUNK_HEADER_BYTES > end) return -1;
  const length = u16(b, at + 2);
  return length < CHUNK_HEADER_BYTES || at + length > end ? -1 : at + length;
}

export interface SctpChunk {
  type: number;
  name: string;
  flags: number;
  length: number;
  /** DATA. */
  tsn?: number;
  streamId?: number;
  streamSequence?: number;
  payloadProtocol?: number;
  /** INIT and INIT ACK. */
  initiateTag?: number;
  outboundStreams?: number;
  inboundStreams?: number;
}

export interface SctpRecord {
  sourcePort: number;
  destinationPort: number;
  verificationTag: number;
  checksum: number;
  /** Up to the first whose length lies. */
  chunks: SctpChunk[];
}

const NAMES: Readonly<Record<number, string>> = {
  0: 'data',
  1: 'init',
  2: 'initAck',
  3: 'sack',
  4: 'heartbeat',
  5: 'heartbeatAck',
  6: 'abort',
  7: 'shutdown',
  8: 'shutdownAck',
  9: 'error',
  10: 'cookieEcho',
  11: 'cookieAck',
  14: 'shutdownComplete',
  15: 'auth',
  64: 'iData',
  130: 'reConfig',
  132: 'pad',
  192: 'forwardTsn',
};

function readChunk(b: Uint8Array, at: number, end: number): SctpChunk {
  const type = b[at];
  const chunk: SctpChunk = {
    type,
    name: NAMES[type] ?? 'unknown',
    flags: b[at + 1],
    length: u16(b, at + 2),
  };
  if (type === 0 && end - at >= 16) {
    chunk.tsn = u32(b, at + 4);
    chunk.streamId = u16(b, at + 8);
    chunk.streamSequence = u16(b, at + 10);
    chunk.payloadProtocol = u32(b, at + 12);
  } else if ((type === 1 || type === 2) && end - at >= 20) {
    chunk.initiateTag = u32(b, at + 4);
    chunk.outboundStreams = u16(b, at + 12);
    chunk.inboundStreams = u16(b, at + 14);
  }
  return chunk;
}

export const sctp: Layer<SctpRecord> = {
  proto: Proto.sctp,

  dissect(d, start, end) {
    if (end - start < SCTP_BYTES) return d.truncated(Proto.sctp, start, SCTP_BYTES, end - start);
    d.push(Proto.sctp, start, start + SCTP_BYTES, end);
  },

  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const end = d.end[i];
    const chunks: SctpChunk[] = [];
    for (let at = start + SCTP_BYTES; at < end; ) {
      const next = sctpChunkEnd(b, at, end);
      if (next < 0) break;
      chunks.push(readChunk(b, at, next));
      at += (next - at + 3) & ~3;
    }
    return {
      sourcePort: u16(b, start),
      destinationPort: u16(b, start + 2),
      verificationTag: u32(b, start + 4),
      checksum: u32(b, start + 8),
      chunks,
    };
  },
};
