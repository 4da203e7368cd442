import type { CaptureOutcome } from '../../../packets/pcap/outcome.ts';
import { CaptureReader } from '../../../packets/pcap/reader.ts';
import { decimalSeconds } from '../../../packets/pcap/summary.ts';

/** A frame, copied out of the reader. */
export interface ReadFrame {
  time: string | null;
  length: number;
  captured: number;
  linkType: number;
  interfaceId: number;
  interfaceName: string | null;
  fcsLength: number;
  bytes: Uint8Array;
}

export interface ReadCapture {
  frames: ReadFrame[];
  outcome: CaptureOutcome;
  reader: CaptureReader;
}

/**
 * Reads a capture given in chunks. Each chunk is handed over in a copy that is overwritten as soon as the
 * reader is done with it, so that a view kept too long shows.
 */
export function readAll(chunks: Iterable<Uint8Array>): ReadCapture {
  const reader = new CaptureReader();
  const { frame } = reader;
  const frames: ReadFrame[] = [];
  for (const chunk of chunks) {
    const lent = Uint8Array.from(chunk);
    reader.feed(lent);
    while (reader.next()) {
      frames.push({
        time: frame.timed ? decimalSeconds(frame) : null,
        length: frame.originalLength,
        captured: frame.end - frame.start,
        linkType: frame.linkType,
        interfaceId: frame.interface.id,
        interfaceName: frame.interface.name,
        fcsLength: frame.fcsLength,
        bytes: Uint8Array.from(frame.bytes()),
      });
    }
    lent.fill(0xa5);
  }
  return { frames, outcome: reader.end(), reader };
}

export function* inChunks(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
