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

/** Where every slice of this thread is made: what is kept of it is copied before the next. */
const scratch = new Uint8Array(LONGEST_FRAME);

/** A slice in memory that is used again for the next, of whatever buffer: `fill`, and take it before anything else. */
export class SliceBuffer {
  readonly bytes = scratch;
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

const FIRST_BYTES = 256;
const FIRST_SLOTS = 4;
/** Of a slot, in words of eight bytes; the last is the time, as a 64-bit integer. */
const OFFSET = 0;
const LENGTH = 1;
const ORIGINAL_LENGTH = 2;
const LINK_TYPE = 3;
const FLAGS = 4;
const TIME = 5;
const WORDS = 6;

/**
 * The last sliced frames of one client in bounded memory: `maxBytes` for contents, `maxSlots` for how many; it is as
 * large as the frames of the last `keepNs` made it. New frames overwrite the oldest. Contents are contiguous; a
 * frame that does not fit before the end begins anew at 0.
 */
export class FrameRing {
  private readonly maxBytes: number;
  private readonly maxSlots: number;
  private readonly keepNs: bigint | null;
  private contents: Uint8Array;
  private words: Float64Array;
  private times: BigInt64Array;
  private interfaces: string[];
  private slots: number;
  private first = 0;
  private count = 0;
  private writeAt = 0;

  /** `keepNs`: what is older than the newest frame by more may go. Default: it goes when there is no room. */
  constructor(maxBytes: number, maxSlots: number, keepNs: bigint | null = null) {
    this.maxBytes = maxBytes;
    this.maxSlots = maxSlots;
    this.keepNs = keepNs;
    this.slots = Math.min(FIRST_SLOTS, maxSlots);
    this.interfaces = new Array(this.slots);
    this.contents = new Uint8Array(Math.min(FIRST_BYTES, maxBytes));
    this.words = new Float64Array(this.slots * WORDS);
    this.times = new BigInt64Array(this.words.buffer);
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
    const length = Math.min(slice.length, this.maxBytes);
    this.dropOlder(frame.timeNs);
    while (!this.hasRoom(length) && this.grow(length)) {
      // Until it fits, or is as large as it may be.
    }
    if (this.writeAt + length > this.contents.length) {
      this.dropOverlapping(this.writeAt, this.contents.length);
      this.writeAt = 0;
    }
    this.dropOverlapping(this.writeAt, this.writeAt + length);
    if (this.count === this.slots) this.dropFirst();
    const slot = (this.first + this.count) % this.slots;
    for (let i = 0; i < length; i++) this.contents[this.writeAt + i] = slice.bytes[i];
    const { words } = this;
    const at = slot * WORDS;
    words[at + OFFSET] = this.writeAt;
    words[at + LENGTH] = length;
    words[at + ORIGINAL_LENGTH] = frame.originalLength;
    words[at + LINK_TYPE] = frame.linkType;
    words[at + FLAGS] = (slice.zeroed << 4) | slice.cut;
    this.times[at + TIME] = frame.timeNs;
    this.interfaces[slot] = frame.interfaceName;
    this.writeAt += length;
    this.count++;
  }

  /** Copies of the frames from `fromNs` to `toNs`, both included, in the order in which they came. */
  between(fromNs: bigint, toNs: bigint): KeptFrame[] {
    const found: KeptFrame[] = [];
    const { words } = this;
    for (let i = 0; i < this.count; i++) {
      const slot = (this.first + i) % this.slots;
      const at = slot * WORDS;
      const timeNs = this.times[at + TIME];
      if (timeNs < fromNs || timeNs > toNs) continue;
      const offset = words[at + OFFSET];
      found.push({
        linkType: words[at + LINK_TYPE],
        bytes: this.contents.slice(offset, offset + words[at + LENGTH]),
        originalLength: words[at + ORIGINAL_LENGTH],
        timeNs,
        interfaceName: this.interfaces[slot],
        cut: words[at + FLAGS] & 15,
        zeroed: words[at + FLAGS] >> 4,
      });
    }
    return found;
  }

  private dropOlder(nowNs: bigint): void {
    if (this.keepNs === null) return;
    const untilNs = nowNs - this.keepNs;
    while (this.count > 0 && this.times[this.first * WORDS + TIME] < untilNs) this.dropFirst();
    if (this.count === 0) this.clear();
  }

  /** Whether a slice of `length` bytes can be added with nothing dropped for it. */
  private hasRoom(length: number): boolean {
    if (this.count === this.slots) return false;
    if (this.count === 0) return length <= this.contents.length;
    const oldest = this.words[this.first * WORDS + OFFSET];
    // What is kept lies from the oldest up to `writeAt`, around the end where `writeAt` is before it.
    if (this.writeAt <= oldest) return this.writeAt + length <= oldest;
    return this.writeAt + length <= this.contents.length || length <= oldest;
  }

  /** Twice as large, with the frames in order from 0; false when it is as large as it may be. */
  private grow(length: number): boolean {
    const isOutOfSlots = this.count === this.slots;
    const slots = isOutOfSlots ? Math.min(this.maxSlots, 2 * this.slots) : this.slots;
    const wanted = Math.max(2 * this.contents.length, length);
    const bytes = isOutOfSlots ? this.contents.length : Math.min(this.maxBytes, wanted);
    if (slots === this.slots && bytes === this.contents.length) return false;
    const [contents, words] = [new Uint8Array(bytes), new Float64Array(slots * WORDS)];
    const times = new BigInt64Array(words.buffer);
    const interfaces: string[] = new Array(slots);
    let writeAt = 0;
    for (let i = 0; i < this.count; i++) {
      const slot = (this.first + i) % this.slots;
      const from = slot * WORDS;
      const to = i * WORDS;
      for (let word = LENGTH; word <= FLAGS; word++) words[to + word] = this.words[from + word];
      times[to + TIME] = this.times[from + TIME];
      interfaces[i] = this.interfaces[slot];
      const [offset, size] = [this.words[from + OFFSET], this.words[from + LENGTH]];
      words[to + OFFSET] = writeAt;
      contents.set(this.contents.subarray(offset, offset + size), writeAt);
      writeAt += size;
    }
    this.contents = contents;
    this.words = words;
    this.times = times;
    this.interfaces = interfaces;
    this.slots = slots;
    this.first = 0;
    this.writeAt = writeAt;
    return true;
  }

  /** What lies in the way is always the oldest. */
  private dropOverlapping(start: number, end: number): void {
    while (this.count > 0) {
      const at = this.words[this.first * WORDS + OFFSET];
      const length = this.words[this.first * WORDS + LENGTH];
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
