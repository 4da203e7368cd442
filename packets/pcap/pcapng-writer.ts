import { OutputBuffer } from './output.ts';
import { BlockType, BYTE_ORDER_MAGIC, OptionCode, padded } from './pcapng-blocks.ts';

export interface PcapngInterfaceOptions {
  linkType: number;
  name?: string;
  /** Bytes; 0, the default, is no limit. */
  snapLength?: number;
  /** Bytes of FCS at the end of each frame; default: not said. */
  fcsLength?: number;
}

export interface PcapngFrameOptions {
  /** epb_flags, pcapng 4.3.1. */
  flags?: number;
  comment?: string;
  /** Used instead of the two above: what `encodeOptions` made of them once for many frames. */
  encoded?: EncodedOptions;
}

/** A list of options, its end included, as little-endian words. */
export type EncodedOptions = Int32Array;

export function encodeOptions(options: Pick<PcapngFrameOptions, 'flags' | 'comment'>): EncodedOptions {
  const output = new OutputBuffer(64);
  if (options.comment !== undefined) {
    writeOption(output, OptionCode.comment, encoder.encode(options.comment));
  }
  if (options.flags !== undefined) {
    const value = new Uint8Array(4);
    new DataView(value.buffer).setUint32(0, options.flags, LE);
    writeOption(output, OptionCode.packetFlags, value);
  }
  if (output.length === 0) return NO_OPTIONS;
  endOptions(output);
  return Int32Array.from({ length: output.length / 4 }, (_, i) => output.view.getInt32(4 * i, LE));
}

const NANOSECONDS = 9;
const LE = true;
/** From the start of an Enhanced Packet Block to its data. */
const FRAME_HEAD_LENGTH = 28;
const encoder = new TextEncoder();
const NO_OPTIONS: EncodedOptions = new Int32Array(0);
const TWO_TO_32 = 4_294_967_296;
/** The longest value whose padded length an option's 16-bit length can tell. */
const MAXIMUM_OPTION_LENGTH = 65_532;

/**
 * Writes pcapng, little-endian, times in nanoseconds, into `output`, which the caller empties. Each `section`
 * starts afresh, so that files made of whole sections can be put end to end.
 */
export class PcapngWriter {
  readonly output: OutputBuffer;
  private interfaces = 0;

  constructor(output = new OutputBuffer()) {
    this.output = output;
  }

  /** Section Header Block (4.1). The length of the section is left open. */
  section(application: string, comment?: string): void {
    const { output } = this;
    const start = this.begin(BlockType.sectionHeader);
    const at = output.reserve(16);
    output.view.setUint32(at, BYTE_ORDER_MAGIC, LE);
    output.view.setUint16(at + 4, 1, LE);
    output.view.setUint16(at + 6, 0, LE);
    output.view.setInt32(at + 8, -1, LE);
    output.view.setInt32(at + 12, -1, LE);
    if (comment !== undefined) writeOption(output, OptionCode.comment, encoder.encode(comment));
    writeOption(output, OptionCode.application, encoder.encode(application));
    this.end(start);
    this.interfaces = 0;
  }

  /** Interface Description Block (4.2). Returns the id that frames of this section give. */
  interface(options: PcapngInterfaceOptions): number {
    const { output } = this;
    const start = this.begin(BlockType.interfaceDescription);
    const at = output.reserve(8);
    output.view.setUint16(at, options.linkType, LE);
    output.view.setUint16(at + 2, 0, LE);
    output.view.setUint32(at + 4, options.snapLength ?? 0, LE);
    if (options.name) writeOption(output, OptionCode.interfaceName, encoder.encode(options.name));
    writeOption(output, OptionCode.timestampResolution, Uint8Array.of(NANOSECONDS));
    if (options.fcsLength !== undefined) {
      writeOption(output, OptionCode.fcsLength, Uint8Array.of(options.fcsLength));
    }
    this.end(start);
    return this.interfaces++;
  }

  /**
   * Appends an Enhanced Packet Block (4.3): bytes[start..end), captured at `seconds` and `nanoseconds` after the
   * epoch (a time before it is written as the epoch).
   * @returns where its bytes begin in `output.bytes`; they may be overwritten there until the next write.
   */
  frame(
    interfaceId: number,
    seconds: number,
    nanoseconds: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    originalLength: number,
    options?: PcapngFrameOptions,
  ): number {
    const { output } = this;
    const words = options === undefined ? NO_OPTIONS : (options.encoded ?? encodeOptions(options));
    const captured = end - start;
    const optionsAt = FRAME_HEAD_LENGTH + padded(captured);
    const length = optionsAt + 4 * words.length + 4;
    const at = output.reserve(length);
    const { view } = output;
    // seconds · 10^9 + nanoseconds in two halves, in steps that a number holds exactly.
    const whole = Math.max(seconds, 0);
    const upper = Math.floor(whole / 65_536);
    const upperHigh = Math.floor((upper * 1e9) / 65_536);
    const upperLow = upper * 1e9 - upperHigh * 65_536;
    const rest = upperLow * 65_536 + (whole - upper * 65_536) * 1e9 + (seconds < 0 ? 0 : nanoseconds);
    view.setInt32(at, BlockType.enhancedPacket, LE);
    view.setInt32(at + 4, length, LE);
    view.setUint32(at + 8, interfaceId, LE);
    view.setUint32(at + 12, upperHigh + Math.floor(rest / TWO_TO_32), LE);
    view.setUint32(at + 16, rest, LE);
    view.setInt32(at + 20, captured, LE);
    view.setUint32(at + 24, originalLength, LE);
    // The last word first: what of it is not frame stays zero.
    if (captured > 0) view.setInt32(at + optionsAt - 4, 0, LE);
    output.copy(at + FRAME_HEAD_LENGTH, bytes, start, end);
    for (let i = 0; i < words.length; i++) view.setInt32(at + optionsAt + 4 * i, words[i], LE);
    view.setInt32(at + length - 4, length, LE);
    return at + FRAME_HEAD_LENGTH;
  }

  /** Returns where the block starts, for `end`. */
  private begin(type: number): number {
    const at = this.output.reserve(8);
    this.output.view.setUint32(at, type, LE);
    return at;
  }

  /** Ends the options and the block that began at `start`. */
  private end(start: number): void {
    const { output } = this;
    endOptions(output);
    const at = output.reserve(4);
    const length = output.length - start;
    output.view.setUint32(start + 4, length, LE);
    output.view.setUint32(at, length, LE);
  }
}

/** What is too long for an option is cut. */
function writeOption(output: OutputBuffer, code: number, value: Uint8Array): void {
  const length = Math.min(value.length, MAXIMUM_OPTION_LENGTH);
  const at = output.reserve(4 + padded(length));
  output.view.setUint16(at, code, LE);
  output.view.setUint16(at + 2, length, LE);
  output.bytes.set(value.subarray(0, length), at + 4);
  output.bytes.fill(0, at + 4 + length, output.length);
}

function endOptions(output: OutputBuffer): void {
  const at = output.reserve(4);
  output.view.setUint32(at, OptionCode.endOfOptions, LE);
}
