/**
 * pcapng, draft-ietf-opsawg-pcapng: blocks of type, length, body and the length again. Sections may differ in
 * byte order; each describes its interfaces anew. Blocks that hold no frame and describe no interface are
 * passed over without being buffered, and are counted.
 */
import type { Frame } from './frame.ts';
import { type CaptureFault, type ContainerReader, MAXIMUM_SNAPLEN } from './outcome.ts';
import {
  BLOCK_OVERHEAD,
  BlockType,
  BYTE_ORDER_MAGIC,
  MAXIMUM_BLOCK_LENGTH,
  OptionCode,
  padded,
  visitOptions,
} from './pcapng-blocks.ts';
import { type PcapngInterface, readInterface, readStatistics } from './pcapng-interface.ts';
import type { ByteWindow } from './window.ts';

const HEAD_LENGTH = 8;
const PACKET_HEAD_LENGTH = 28;
/** Also the offset of a packet block's data from its own start. */
const SIMPLE_HEAD_LENGTH = 12;
const SECTION_MINIMUM = 28;

export class PcapngReader implements ContainerReader {
  fault: CaptureFault | null = null;
  sections = 0;
  /** How many blocks of each type there were. */
  readonly blocks = new Map<number, number>();
  /** All interfaces of all sections, in the order in which they were described. */
  readonly described: PcapngInterface[] = [];

  private readonly window: ByteWindow;
  private readonly frame: Frame;
  private littleEndian = true;
  /** Those of the current section, by id. */
  private interfaces: PcapngInterface[] = [];
  /** Length of a block whose body was skipped and whose second length is due; else 0. */
  private closing = 0;

  constructor(window: ByteWindow, frame: Frame) {
    this.window = window;
    this.frame = frame;
  }

  get atBoundary(): boolean {
    const w = this.window;
    return this.sections > 0 && this.closing === 0 && !w.isSkipping && w.position === w.limit;
  }

  next(): boolean {
    const w = this.window;
    while (this.fault === null) {
      if (this.closing !== 0 && !this.close()) return false;
      if (w.limit - w.position < HEAD_LENGTH && !w.fill(HEAD_LENGTH)) return false;
      const type = w.view.getUint32(w.position, this.littleEndian);
      if (type === BlockType.enhancedPacket) {
        if (!this.packet(type)) return false;
        return true;
      }
      if (!this.other(type)) return false;
      if (type === BlockType.packet || type === BlockType.simplePacket) return true;
    }
    return false;
  }

  /** A block that is no Enhanced Packet Block. */
  private other(type: number): boolean {
    switch (type) {
      case BlockType.sectionHeader:
        return this.section();
      case BlockType.packet:
        return this.packet(type);
      case BlockType.simplePacket:
        return this.simplePacket();
      case BlockType.interfaceDescription:
        return this.describe();
      case BlockType.interfaceStatistics:
        return this.statistics();
      default:
        return this.pass(type);
    }
  }

  /** Section Header Block (4.1). Its byte order decides how even its own length is read. */
  private section(): boolean {
    const w = this.window;
    if (!w.fill(16)) return false;
    const little = w.view.getUint32(w.position + 8, true) === BYTE_ORDER_MAGIC;
    if (!little && w.view.getUint32(w.position + 8, false) !== BYTE_ORDER_MAGIC) {
      return this.reject('a section header without the byte-order magic');
    }
    this.littleEndian = little;
    const major = w.view.getUint16(w.position + 12, little);
    const minor = w.view.getUint16(w.position + 14, little);
    // 1.2 was written by some tools and is the same as 1.0 (4.1).
    if (major !== 1 || (minor !== 0 && minor !== 2)) {
      return this.reject(`version ${major}.${minor} of pcapng, of which 1.0 is read`);
    }
    const length = this.blockLength(SECTION_MINIMUM);
    if (length === 0) return false;
    this.sections++;
    this.interfaces = [];
    return this.passOver(BlockType.sectionHeader, length);
  }

  private describe(): boolean {
    const length = this.wholeBlock(BLOCK_OVERHEAD + 8);
    if (length === 0) return false;
    const w = this.window;
    const at = w.position;
    const place = { id: this.interfaces.length, section: this.sections - 1 };
    const read = readInterface(w.view, this.littleEndian, at + HEAD_LENGTH, at + length - 4, place);
    if (read === null) return this.reject('an option of an interface that runs over its block');
    this.interfaces.push(read);
    this.described.push(read);
    return this.consume(BlockType.interfaceDescription, length);
  }

  private statistics(): boolean {
    const length = this.wholeBlock(BLOCK_OVERHEAD + 12);
    if (length === 0) return false;
    const w = this.window;
    const at = w.position;
    const of = this.interfaces[w.view.getUint32(at + 8, this.littleEndian)];
    if (of === undefined) return this.reject('statistics of an interface that was not described');
    if (!readStatistics(of.description, w.view, this.littleEndian, at + 20, at + length - 4)) {
      return this.reject('an option of interface statistics that runs over its block');
    }
    return this.consume(BlockType.interfaceStatistics, length);
  }

  /** Enhanced Packet Block (4.3), or its obsolete forerunner (appendix A), which differs in one word. */
  private packet(type: number): boolean {
    const w = this.window;
    if (w.limit - w.position < PACKET_HEAD_LENGTH && !w.fill(PACKET_HEAD_LENGTH)) return false;
    const le = this.littleEndian;
    const captured = w.view.getUint32(w.position + 20, le);
    if (captured > MAXIMUM_SNAPLEN) return this.reject(tooLong(captured));
    const length = this.wholeBlock(BLOCK_OVERHEAD + 20 + padded(captured));
    if (length === 0) return false;
    const view = w.view;
    const at = w.position;
    const id = type === BlockType.enhancedPacket ? view.getUint32(at + 8, le) : view.getUint16(at + 8, le);
    const of = this.interfaces[id];
    if (of === undefined) return this.reject(`a frame of interface ${id}, which was not described`);
    const frame = this.frame;
    of.readTime(frame, view.getUint32(at + 12, le), view.getUint32(at + 16, le));
    frame.timed = true;
    frame.originalLength = view.getUint32(at + 24, le);
    this.place(of, at + PACKET_HEAD_LENGTH, captured);
    const options = at + PACKET_HEAD_LENGTH + padded(captured);
    if (at + length - 4 > options && !this.packetOptions(options, at + length - 4)) {
      return this.reject('an option of a frame that runs over its block');
    }
    frame.number++;
    return this.consume(type, length);
  }

  private packetOptions(start: number, end: number): boolean {
    const view = this.window.view;
    return visitOptions(view, this.littleEndian, start, end, (code, at, length) => {
      if (code !== OptionCode.packetFlags || length !== 4) return;
      // Bits 5 to 8: length of the FCS in octets; zero is "not known" (4.3.1).
      const fcsLength = (view.getUint32(at, this.littleEndian) >>> 5) & 0xf;
      if (fcsLength !== 0) this.frame.fcsLength = fcsLength;
    });
  }

  /** Simple Packet Block (4.4): interface 0, no time, as many bytes as the snap length leaves. */
  private simplePacket(): boolean {
    const w = this.window;
    if (!w.fill(SIMPLE_HEAD_LENGTH)) return false;
    const of = this.interfaces[0];
    if (of === undefined) return this.reject('a simple packet before any interface was described');
    const originalLength = w.view.getUint32(w.position + 8, this.littleEndian);
    const snapLength = of.description.snapLength;
    const captured = snapLength === 0 ? originalLength : Math.min(originalLength, snapLength);
    if (captured > MAXIMUM_SNAPLEN) return this.reject(tooLong(captured));
    const length = this.wholeBlock(BLOCK_OVERHEAD + 4 + padded(captured));
    if (length === 0) return false;
    const frame = this.frame;
    frame.seconds = 0;
    frame.nanoseconds = 0;
    frame.timed = false;
    frame.originalLength = originalLength;
    this.place(of, w.position + SIMPLE_HEAD_LENGTH, captured);
    frame.number++;
    return this.consume(BlockType.simplePacket, length);
  }

  private place(of: PcapngInterface, start: number, captured: number): void {
    const frame = this.frame;
    frame.buffer = this.window.buffer;
    frame.start = start;
    frame.end = start + captured;
    frame.interface = of.description;
    frame.linkType = of.description.linkType;
    frame.fcsLength = of.description.fcsLength ?? -1;
  }

  private pass(type: number): boolean {
    const length = this.blockLength(BLOCK_OVERHEAD);
    return length !== 0 && this.passOver(type, length);
  }

  private passOver(type: number, length: number): boolean {
    this.count(type);
    this.closing = length;
    this.window.skip(length - 4);
    return true;
  }

  /** Reads the second length of a block that was passed over. */
  private close(): boolean {
    const w = this.window;
    if (w.isSkipping || !w.fill(4)) return false;
    const length = this.closing;
    const again = w.view.getUint32(w.position, this.littleEndian);
    if (again !== length) return this.reject(unequal(length, again), w.offset - (length - 4));
    this.closing = 0;
    w.position += 4;
    return true;
  }

  /** The length of the block at hand, when it can be one; else 0, and a fault. */
  private blockLength(minimum: number): number {
    const w = this.window;
    const length = w.view.getUint32(w.position + 4, this.littleEndian);
    if (length >= minimum && length <= MAXIMUM_BLOCK_LENGTH && (length & 3) === 0) return length;
    const type = w.view.getUint32(w.position, this.littleEndian);
    this.reject(`a block of type ${type} and length ${length}, which cannot be`);
    return 0;
  }

  /** The same, with all bytes of the block in the window; 0 also when they have not all come. */
  private wholeBlock(minimum: number): number {
    const w = this.window;
    const length = this.blockLength(minimum);
    if (length === 0) return 0;
    if (w.limit - w.position < length && !w.fill(length)) return 0;
    const again = w.view.getUint32(w.position + length - 4, this.littleEndian);
    if (again === length) return length;
    this.reject(unequal(length, again));
    return 0;
  }

  private consume(type: number, length: number): boolean {
    this.count(type);
    this.window.position += length;
    return true;
  }

  private count(type: number): void {
    this.blocks.set(type, (this.blocks.get(type) ?? 0) + 1);
  }

  private reject(reason: string, offset = this.window.offset): false {
    const kind = this.sections === 0 ? 'not-capture' : 'corrupt';
    this.fault = { kind, offset, reason };
    return false;
  }
}

const tooLong = (captured: number): string =>
  `a frame of ${captured} bytes, more than the ${MAXIMUM_SNAPLEN} that there can be`;

const unequal = (first: number, second: number): string =>
  `a block whose lengths differ, ${first} before it and ${second} after it`;
