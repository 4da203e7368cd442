import { OutputBuffer } from './output.ts';
import { BLOCK_OVERHEAD, BlockType, BYTE_ORDER_MAGIC, OptionCode, padded } from './pcapng-blocks.ts';

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
  /** Used instead of the two above: what `encodeComment` made, so that nothing is encoded for each frame. */
  encoded?: Uint8Array;
}

/** The option list of a frame that has `comment` and nothing else, its end included. */
export function encodeComment(comment: string): Uint8Array {
  const value = comment16(comment);
  const encoded = new Uint8Array(optionLength(value.length) + 4);
  const view = new DataView(encoded.buffer);
  view.setUint16(0, OptionCode.comment, LE);
  view.setUint16(2, value.length, LE);
  encoded.set(value, 4);
  return encoded;
}

const NANOSECONDS = 9;
const LE = true;
const encoder = new TextEncoder();
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
  section(application: string): void {
    const name = encoder.encode(application).subarray(0, MAXIMUM_OPTION_LENGTH);
    const at = this.begin(BlockType.sectionHeader, 16 + optionLength(name.length) + 4);
    const view = this.output.view;
    view.setUint32(at, BYTE_ORDER_MAGIC, LE);
    view.setUint16(at + 4, 1, LE);
    view.setUint16(at + 6, 0, LE);
    view.setInt32(at + 8, -1, LE);
    view.setInt32(at + 12, -1, LE);
    this.endOptions(this.option(at + 16, OptionCode.application, name));
    this.interfaces = 0;
  }

  /** Interface Description Block (4.2). Returns the id that frames of this section give. */
  interface(options: PcapngInterfaceOptions): number {
    const name = encoder.encode(options.name ?? '').subarray(0, MAXIMUM_OPTION_LENGTH);
    const nameLength = name.length === 0 ? 0 : optionLength(name.length);
    const fcsLength = options.fcsLength === undefined ? 0 : optionLength(1);
    let at = this.begin(BlockType.interfaceDescription, 8 + nameLength + optionLength(1) + fcsLength + 4);
    const view = this.output.view;
    view.setUint16(at, options.linkType, LE);
    view.setUint16(at + 2, 0, LE);
    view.setUint32(at + 4, options.snapLength ?? 0, LE);
    at += 8;
    if (name.length > 0) at = this.option(at, OptionCode.interfaceName, name);
    at = this.option(at, OptionCode.timestampResolution, Uint8Array.of(NANOSECONDS));
    if (options.fcsLength !== undefined) {
      at = this.option(at, OptionCode.fcsLength, Uint8Array.of(options.fcsLength));
    }
    this.endOptions(at);
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
    const output = this.output;
    const length = end - start;
    const body = 20 + padded(length);
    const encoded = options?.encoded ?? null;
    const comment = encoded !== null || options?.comment === undefined ? null : comment16(options.comment);
    const flagsLength = encoded !== null || options?.flags === undefined ? 0 : optionLength(4);
    const commentLength = comment === null ? 0 : optionLength(comment.length);
    const plainLength = flagsLength + commentLength === 0 ? 0 : flagsLength + commentLength + 4;
    const optionsLength = encoded === null ? plainLength : encoded.length;
    const at = this.begin(BlockType.enhancedPacket, body + optionsLength);
    const view = output.view;
    view.setUint32(at, interfaceId, LE);
    // seconds · 10^9 + nanoseconds in two halves, in steps that a number holds exactly.
    const whole = Math.max(seconds, 0);
    const upper = Math.floor(whole / 65_536) * 1e9;
    const upperHigh = Math.floor(upper / 65_536);
    const rest =
      (upper - upperHigh * 65_536) * 65_536 + (whole % 65_536) * 1e9 + (seconds < 0 ? 0 : nanoseconds);
    view.setUint32(at + 4, upperHigh + Math.floor(rest / 4_294_967_296), LE);
    view.setUint32(at + 8, rest % 4_294_967_296, LE);
    view.setUint32(at + 12, length, LE);
    view.setUint32(at + 16, originalLength, LE);
    output.copy(at + 20, bytes, start, end);
    for (let i = at + 20 + length; i < at + body; i++) output.bytes[i] = 0;
    if (encoded !== null) output.copy(at + body, encoded, 0, encoded.length);
    else if (optionsLength > 0) {
      let option = at + body;
      if (comment !== null) option = this.option(option, OptionCode.comment, comment);
      if (options?.flags !== undefined) option = this.flags(option, options.flags);
      this.endOptions(option);
    }
    return at + 20;
  }

  /** Reserves a block and writes its type and both lengths. Returns where the body begins. */
  private begin(type: number, bodyLength: number): number {
    const length = BLOCK_OVERHEAD + bodyLength;
    const at = this.output.reserve(length);
    const view = this.output.view;
    view.setUint32(at, type, LE);
    view.setUint32(at + 4, length, LE);
    view.setUint32(at + length - 4, length, LE);
    return at + 8;
  }

  private option(at: number, code: number, value: Uint8Array): number {
    const { view, bytes } = this.output;
    view.setUint16(at, code, LE);
    view.setUint16(at + 2, value.length, LE);
    bytes.set(value, at + 4);
    const end = at + optionLength(value.length);
    bytes.fill(0, at + 4 + value.length, end);
    return end;
  }

  private flags(at: number, flags: number): number {
    const view = this.output.view;
    view.setUint16(at, OptionCode.packetFlags, LE);
    view.setUint16(at + 2, 4, LE);
    view.setUint32(at + 4, flags, LE);
    return at + optionLength(4);
  }

  private endOptions(at: number): void {
    this.output.view.setUint32(at, OptionCode.endOfOptions, LE);
  }
}

const optionLength = (valueLength: number): number => 4 + padded(valueLength);

const comment16 = (comment: string): Uint8Array => encoder.encode(comment).subarray(0, MAXIMUM_OPTION_LENGTH);
