/**
 * Classic pcap, draft-ietf-opsawg-pcap: a 24-byte header and records of 16 bytes and the frame, in the byte
 * order and time unit that the magic number tells.
 */
import type { CaptureInterface, Frame } from './frame.ts';
import { type CaptureFault, type ContainerReader, MAXIMUM_SNAPLEN } from './outcome.ts';
import type { ByteWindow } from './window.ts';

export const PCAP_MAGIC_MICROSECONDS = 0xa1b2c3d4;
export const PCAP_MAGIC_NANOSECONDS = 0xa1b23c4d;
/** Bit 26 of the link type's word says that bits 28 to 31 count the FCS, in units of 16 bits. */
const FCS_PRESENT = 0x0400_0000;

const HEADER_LENGTH = 24;
const RECORD_HEADER_LENGTH = 16;

export interface PcapFormat {
  littleEndian: boolean;
  /** 1 or 1000. */
  nsPerTick: 1 | 1000;
}

export class PcapReader implements ContainerReader {
  fault: CaptureFault | null = null;
  interface: CaptureInterface | null = null;
  private readonly window: ByteWindow;
  private readonly frame: Frame;
  private readonly littleEndian: boolean;
  private readonly nsPerTick: number;

  constructor(window: ByteWindow, frame: Frame, format: PcapFormat) {
    this.window = window;
    this.frame = frame;
    this.littleEndian = format.littleEndian;
    this.nsPerTick = format.nsPerTick;
  }

  get atBoundary(): boolean {
    return this.interface !== null && this.window.position === this.window.limit;
  }

  next(): boolean {
    if (this.fault !== null) return false;
    if (this.interface === null && !this.header()) return false;
    const w = this.window;
    if (w.limit - w.position < RECORD_HEADER_LENGTH && !w.fill(RECORD_HEADER_LENGTH)) return false;
    const le = this.littleEndian;
    const captured = w.view.getUint32(w.position + 8, le);
    if (captured > MAXIMUM_SNAPLEN) {
      this.fail(
        'corrupt',
        `a frame of ${captured} bytes, more than the ${MAXIMUM_SNAPLEN} that there can be`,
      );
      return false;
    }
    const length = RECORD_HEADER_LENGTH + captured;
    if (w.limit - w.position < length && !w.fill(length)) return false;
    const at = w.position;
    const view = w.view;
    const frame = this.frame;
    frame.buffer = w.buffer;
    frame.start = at + RECORD_HEADER_LENGTH;
    frame.end = at + length;
    frame.seconds = view.getUint32(at, le);
    frame.nanoseconds = view.getUint32(at + 4, le) * this.nsPerTick;
    // A writer's mistake that tcpdump and Wireshark read on over: the surplus is carried into the seconds.
    if (frame.nanoseconds >= 1e9) {
      const surplus = Math.floor(frame.nanoseconds / 1e9);
      frame.seconds += surplus;
      frame.nanoseconds -= surplus * 1e9;
    }
    frame.originalLength = view.getUint32(at + 12, le);
    frame.number++;
    w.position = at + length;
    return true;
  }

  private header(): boolean {
    const w = this.window;
    if (!w.fill(HEADER_LENGTH)) return false;
    const le = this.littleEndian;
    const major = w.view.getUint16(w.position + 4, le);
    const minor = w.view.getUint16(w.position + 6, le);
    // 2.3 and older had the two lengths of a record the other way round, at times: not guessed at.
    if (major !== 2 || minor !== 4) {
      this.fail('not-capture', `version ${major}.${minor} of pcap, of which 2.4 is read`);
      return false;
    }
    const word = w.view.getUint32(w.position + 20, le);
    const fcsLength = (word & FCS_PRESENT) !== 0 ? (word >>> 28) * 2 : null;
    const linkType = word & 0xffff;
    this.interface = {
      id: 0,
      section: 0,
      linkType,
      snapLength: w.view.getUint32(w.position + 16, le),
      name: null,
      fcsLength,
      ticksPerSecond: this.nsPerTick === 1 ? 1_000_000_000n : 1_000_000n,
      dropped: null,
    };
    this.frame.interface = this.interface;
    this.frame.linkType = linkType;
    this.frame.fcsLength = fcsLength ?? -1;
    w.position += HEADER_LENGTH;
    return true;
  }

  private fail(kind: CaptureFault['kind'], reason: string): void {
    this.fault = { kind, offset: this.window.offset, reason };
  }
}
