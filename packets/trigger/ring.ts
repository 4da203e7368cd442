import type { Slicer } from '../slice/slicer.ts';

/** A frame as the world saw it; `bytes` may be a view that is reused. */
export interface SeenFrame {
  linkType: number;
  bytes: Uint8Array;
  /** On the wire, bytes. */
  originalLength: number;
  /** Capture time, nanoseconds since the Unix epoch. */
  timeNs: bigint;
  /** Interface or port that it was seen on. */
  interfaceName: string;
}

/** A frame that was sliced before it was kept. */
export interface KeptFrame extends SeenFrame {
  /** Why it ends where it does and what was zeroed, for `flagsText`. */
  cut: number;
  zeroed: number;
}

/** The longest frame that is looked at, bytes: what an IP packet can be and link headers. */
const LONGEST_FRAME = 65_536 + 256;

/** A slice in memory that is used again for the next. */
export class SliceBuffer {
  readonly bytes = new Uint8Array(LONGEST_FRAME);
  length = 0;
  cut = 0;
  zeroed = 0;

  fill(slicer: Slicer, frame: SeenFrame): void {
    const captured = Math.min(frame.bytes.length, LONGEST_FRAME);
    const { bytes, originalLength, linkType } = frame;
    this.length = slicer.slice(bytes, 0, captured, originalLength, linkType, this.bytes, 0);
    this.cut = slicer.cut;
    this.zeroed = slicer.zeroed;
  }
}

/**
 * The last sliced frames of one client in fixed memory: `bytes` for contents, `slots` for how many. New frames
 * overwrite the oldest. Contents are contiguous; a frame that does not fit before the end begins anew at 0.
 */
export class FrameRing {
  private readonly contents: Uint8Array;
  private readonly offsets: Int32Array;
  private readonly lengths: Int32Array;
  private readonly originalLengths: Float64Array;
  private readonly linkTypes: Int32Array;
  private readonly flags: Int32Array;
  private readonly timesNs: BigInt64Array;
  private readonly interfaces: string[];
  private readonly slots: number;
  private first = 0;
  private count = 0;
  private writeAt = 0;

  constructor(bytes: number, slots: number) {
    this.contents = new Uint8Array(bytes);
    this.offsets = new Int32Array(slots);
    this.lengths = new Int32Array(slots);
    this.originalLengths = new Float64Array(slots);
    this.linkTypes = new Int32Array(slots);
    this.flags = new Int32Array(slots);
    this.timesNs = new BigInt64Array(slots);
    this.interfaces = new Array<string>(slots).fill('');
    this.slots = slots;
  }

  get length(): number {
    return this.count;
  }

  clear(): void {
    this.first = 0;
    this.count = 0;
    this.writeAt = 0;
  }

  /** Adds what was kept of `frame`. A slice longer than the ring loses its end. */
  add(frame: SeenFrame, slice: SliceBuffer): void {
    const length = Math.min(slice.length, this.contents.length);
    if (this.writeAt + length > this.contents.length) {
      this.dropOverlapping(this.writeAt, this.contents.length);
      this.writeAt = 0;
    }
    this.dropOverlapping(this.writeAt, this.writeAt + length);
    if (this.count === this.slots) this.dropFirst();
    const slot = (this.first + this.count) % this.slots;
    for (let i = 0; i < length; i++) this.contents[this.writeAt + i] = slice.bytes[i];
    this.offsets[slot] = this.writeAt;
    this.lengths[slot] = length;
    this.originalLengths[slot] = frame.originalLength;
    this.linkTypes[slot] = frame.linkType;
    this.flags[slot] = (slice.zeroed << 4) | slice.cut;
    this.timesNs[slot] = frame.timeNs;
    this.interfaces[slot] = frame.interfaceName;
    this.writeAt += length;
    this.count++;
  }

  /** Copies of the frames from `fromNs` to `toNs`, both included, in the order in which they came. */
  between(fromNs: bigint, toNs: bigint): KeptFrame[] {
    const found: KeptFrame[] = [];
    for (let i = 0; i < this.count; i++) {
      const slot = (this.first + i) % this.slots;
      const timeNs = this.timesNs[slot];
      if (timeNs < fromNs || timeNs > toNs) continue;
      const at = this.offsets[slot];
      found.push({
        linkType: this.linkTypes[slot],
        bytes: this.contents.slice(at, at + this.lengths[slot]),
        originalLength: this.originalLengths[slot],
        timeNs,
        interfaceName: this.interfaces[slot],
        cut: this.flags[slot] & 15,
        zeroed: this.flags[slot] >> 4,
      });
    }
    return found;
  }

  /** What lies in the way is always the oldest. */
  private dropOverlapping(start: number, end: number): void {
    while (this.count > 0) {
      const at = this.offsets[this.first];
      const length = this.lengths[this.first];
      const isInTheWay = length === 0 ? at >= start && at < end : at < end && at + length > start;
      if (!isInTheWay) return;
      this.dropFirst();
    }
  }

  private dropFirst(): void {
    this.first = (this.first + 1) % this.slots;
    this.count--;
  }
}
