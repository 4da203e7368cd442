/**
 * What a frame consists of, as numbers only. One `Dissection` is reused for all frames of a stream, so that
 * decoding allocates nothing; a layer's fields are read later, from its bytes, by the layer's own file.
 */
import { Proto, protoName } from './protocols.ts';

/** Layers in one frame; deeper nesting is reported as a `limit` fault. */
export const MAX_LAYERS = 32;

export type FaultKind = 'truncated' | 'malformed' | 'limit';

/** Why decoding stopped early. The layers before it are good. */
export interface Fault {
  kind: FaultKind;
  layer: string;
  /** From the start of the frame, bytes. */
  offset: number;
  needed: number;
  available: number;
  message: string;
}

export class Dissection {
  /** Bytes that hold the frame: all of them, or `frameStart` to `frameEnd` of a larger block. */
  frame: Uint8Array = new Uint8Array(0);
  frameStart = 0;
  frameEnd = 0;
  linkType = 0;
  /** Bytes of the frame on the wire; more than were captured when the capture cut it. */
  originalLength = 0;
  /** Good layers, outermost first. */
  count = 0;
  readonly proto = new Uint8Array(MAX_LAYERS);
  /** Indices of `frame`: a layer's first byte, end of its header, end of all that it declares to hold. */
  readonly start = new Int32Array(MAX_LAYERS);
  readonly headerEnd = new Int32Array(MAX_LAYERS);
  readonly end = new Int32Array(MAX_LAYERS);

  /** What comes next; `Proto.none` ends the frame. */
  nextProto: number = Proto.none;
  nextStart = 0;
  nextEnd = 0;
  /**
   * Set by a first fragment (more to follow): the transport header decodes, what it carries does not, since
   * the rest of it is in other frames and nothing here reassembles.
   */
  firstFragment = false;

  faultKind: FaultKind | null = null;
  private faultProto: number = Proto.none;
  private faultOffset = 0;
  private faultNeeded = 0;
  private faultAvailable = 0;
  private faultMessage = '';

  reset(
    frame: Uint8Array,
    linkType: number,
    originalLength = frame.length,
    start = 0,
    end = frame.length,
  ): void {
    this.frame = frame;
    this.frameStart = start;
    this.frameEnd = end;
    this.linkType = linkType;
    this.originalLength = originalLength;
    this.count = 0;
    this.nextProto = Proto.none;
    this.firstFragment = false;
    this.faultKind = null;
  }

  /** End of the frame without a check sequence of `length` bytes that its capture header announces. */
  withoutFcs(headerEnd: number, end: number, length: number): number {
    const cut = Math.max(0, this.originalLength - (this.frameEnd - this.frameStart));
    return Math.max(headerEnd, end - Math.max(0, length - cut));
  }

  /** Records a layer whose header has been checked. */
  push(proto: number, start: number, headerEnd: number, end: number): void {
    const i = this.count;
    this.proto[i] = proto;
    this.start[i] = start;
    this.headerEnd[i] = headerEnd;
    this.end[i] = end;
    this.count = i + 1;
  }

  next(proto: number, start: number, end: number): void {
    this.nextProto = proto;
    this.nextStart = start;
    this.nextEnd = end;
  }

  truncated(proto: number, offset: number, needed: number, available: number): void {
    this.fail('truncated', proto, offset, needed, available, 'ends early');
  }

  malformed(proto: number, offset: number, message: string): void {
    this.fail('malformed', proto, offset, 0, 0, message);
  }

  fail(
    kind: FaultKind,
    proto: number,
    offset: number,
    needed: number,
    available: number,
    message: string,
  ): void {
    if (this.faultKind !== null) return;
    this.faultKind = kind;
    this.faultProto = proto;
    this.faultOffset = offset;
    this.faultNeeded = needed;
    this.faultAvailable = available;
    this.faultMessage = message;
  }

  get fault(): Fault | null {
    if (this.faultKind === null) return null;
    return {
      kind: this.faultKind,
      layer: protoName(this.faultProto),
      offset: this.faultOffset - this.frameStart,
      needed: this.faultNeeded,
      available: this.faultAvailable,
      message: this.faultMessage,
    };
  }

  /** Index of the first layer of `proto` at or after `from`, or −1. */
  find(proto: number, from = 0): number {
    for (let i = from; i < this.count; i++) if (this.proto[i] === proto) return i;
    return -1;
  }
}
