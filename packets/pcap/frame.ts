/** What is known about the interface that a frame was seen on. Classic pcap has exactly one. */
export interface CaptureInterface {
  /** From 0, counted anew in each section. */
  id: number;
  /** Section of the file, from 0. */
  section: number;
  /** LINKTYPE_ value, without the bits that share its word. */
  linkType: number;
  /** Bytes; 0 is no limit. */
  snapLength: number;
  name: string | null;
  /** Bytes of frame check sequence at the end of each frame, or null where the file does not say. */
  fcsLength: number | null;
  /** Units of its time stamps per second: 10^n or 2^n. */
  ticksPerSecond: bigint;
  /** Packets that it reports to have dropped (isb_ifdrop, isb_osdrop), or null where it does not say. */
  dropped: number | null;
}

const NO_INTERFACE: CaptureInterface = {
  id: 0,
  section: 0,
  linkType: 0,
  snapLength: 0,
  name: null,
  fcsLength: null,
  ticksPerSecond: 1_000_000n,
  dropped: null,
};

const NS_PER_SECOND = 1_000_000_000n;

/**
 * One captured frame where it stands in the reader's memory. A reader has one, and writes the next frame over
 * it: whoever keeps a frame beyond the next `next()` copies its bytes.
 */
export class Frame {
  buffer: Uint8Array = new Uint8Array(0);
  /** The captured bytes are buffer[start..end). */
  start = 0;
  end = 0;
  /** Length on the wire, as the file has it. */
  originalLength = 0;
  /** Since the Unix epoch; may be negative where if_tsoffset is. Zero when `timed` is false. */
  seconds = 0;
  /** 0 to 999,999,999. */
  nanoseconds = 0;
  /** False for a Simple Packet Block, which has no time stamp. */
  timed = true;
  linkType = 0;
  interface: CaptureInterface = NO_INTERFACE;
  /** Bytes of frame check sequence on the wire, or −1 when unknown. */
  fcsLength = -1;
  /** From 1, over the whole file. */
  number = 0;

  /** The captured bytes, not copied. */
  bytes(): Uint8Array {
    return this.buffer.subarray(this.start, this.end);
  }

  /** End of the captured bytes without what of the frame check sequence was captured. */
  endWithoutFcs(): number {
    if (this.fcsLength <= 0) return this.end;
    const withoutFcs = Math.max(0, this.originalLength - this.fcsLength);
    return Math.min(this.end, this.start + withoutFcs);
  }

  timeNs(): bigint {
    return BigInt(this.seconds) * NS_PER_SECOND + BigInt(this.nanoseconds);
  }
}
