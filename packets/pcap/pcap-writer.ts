import { MAXIMUM_SNAPLEN } from './outcome.ts';
import { OutputBuffer } from './output.ts';
import { PCAP_MAGIC_MICROSECONDS, PCAP_MAGIC_NANOSECONDS } from './pcap-reader.ts';

export interface PcapWriterOptions {
  linkType: number;
  resolution?: 'microseconds' | 'nanoseconds';
  /** Default: as this machine's capture tools nearly always write, little-endian. */
  littleEndian?: boolean;
  /** Bytes; default 262144. */
  snapLength?: number;
  /** Bytes of FCS at the end of each frame, an even number; default: not said. */
  fcsLength?: number;
}

/** Writes classic pcap 2.4 into `output`, which the caller empties. The header stands in it from the start. */
export class PcapWriter {
  readonly output: OutputBuffer;
  private readonly littleEndian: boolean;
  private readonly nsPerTick: number;

  constructor(options: PcapWriterOptions, output = new OutputBuffer()) {
    const nanoseconds = options.resolution === 'nanoseconds';
    this.output = output;
    this.littleEndian = options.littleEndian ?? true;
    this.nsPerTick = nanoseconds ? 1 : 1000;
    const le = this.littleEndian;
    const at = output.reserve(24);
    const view = output.view;
    view.setUint32(at, nanoseconds ? PCAP_MAGIC_NANOSECONDS : PCAP_MAGIC_MICROSECONDS, le);
    view.setUint16(at + 4, 2, le);
    view.setUint16(at + 6, 4, le);
    view.setUint32(at + 8, 0, le);
    view.setUint32(at + 12, 0, le);
    view.setUint32(at + 16, options.snapLength ?? MAXIMUM_SNAPLEN, le);
    const fcs = options.fcsLength === undefined ? 0 : ((options.fcsLength >> 1) << 28) | 0x0400_0000;
    view.setUint32(at + 20, (fcs | options.linkType) >>> 0, le);
  }

  /**
   * Appends a frame: bytes[start..end), captured at `seconds` and `nanoseconds`.
   * @returns where its bytes begin in `output.bytes`; they may be overwritten there until the next write.
   */
  frame(
    seconds: number,
    nanoseconds: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    originalLength: number,
  ): number {
    const output = this.output;
    const length = end - start;
    const at = output.reserve(16 + length);
    const le = this.littleEndian;
    const view = output.view;
    view.setUint32(at, seconds, le);
    view.setUint32(at + 4, nanoseconds / this.nsPerTick, le);
    view.setUint32(at + 8, length, le);
    view.setUint32(at + 12, originalLength, le);
    output.copy(at + 16, bytes, start, end);
    return at + 16;
  }
}
