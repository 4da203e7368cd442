/** How a capture ended. `frames` were given out, all of them good; `bytes` were read. */
export type CaptureOutcome =
  | { kind: 'complete'; frames: number; bytes: number }
  /** The file ends in the middle of a record, which starts at `offset`. */
  | { kind: 'cut-off'; frames: number; bytes: number; offset: number }
  /** The record at `offset` cannot be what it says; nothing after it was read. */
  | { kind: 'corrupt'; frames: number; bytes: number; offset: number; reason: string }
  /** It does not begin like a capture that we read. */
  | { kind: 'not-capture'; frames: 0; bytes: number; reason: string };

/** Why reading stopped. The offset is of the record, from the start of the file, bytes. */
export interface CaptureFault {
  kind: 'corrupt' | 'not-capture';
  offset: number;
  reason: string;
}

/** One container's part in reading. */
export interface ContainerReader {
  /** Puts the next frame into the reader's `Frame`; false when more bytes are needed, or after a fault. */
  next(): boolean;
  readonly fault: CaptureFault | null;
  /** False in the middle of a record. */
  readonly atBoundary: boolean;
}

/**
 * The longest frame that is believed, bytes: libpcap's MAXIMUM_SNAPLEN. A longer caplen means that the reader
 * lost its place, and is refused before anything is buffered for it.
 */
export const MAXIMUM_SNAPLEN = 262_144;
