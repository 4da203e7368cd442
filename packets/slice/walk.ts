import { Proto } from '../protocols.ts';
import type { SliceOptions } from './options.ts';

/** Layers that may stand inside each other. Tags, labels and extension headers have limits of their own. */
const MAX_NESTED = 8;
/** Header bytes kept of one frame, without the capture metadata in front and without zeroed bytes. */
const MAX_HEADER_BYTES = 256;
const MAX_ZERO_RANGES = 64;

/** Why the kept prefix ends where it ends. */
export const Cut = {
  /** All that was captured is kept. */
  none: 0,
  payload: 1,
  encrypted: 2,
  fragment: 3,
  unknown: 4,
  malformed: 5,
  /** The capture itself ends inside a header. */
  truncated: 6,
  limit: 7,
  badFcs: 8,
} as const;
export type Cut = (typeof Cut)[keyof typeof Cut];

/** What was overwritten with zeros inside the kept prefix; a bit set. */
export const Zeroed = {
  checksum: 1,
  ipOptions: 2,
  tcpOptions: 4,
  elements: 8,
  ssid: 16,
  tlvs: 32,
  authentication: 64,
  metadata: 128,
  parameters: 256,
} as const;

/**
 * One frame's way through the rules. All positions are indices of `b`. Each rule checks that its header lies
 * inside what encloses it and inside what was captured, then calls `keepTo`; whatever was not kept is cut.
 */
export class Walk {
  options: SliceOptions;
  readonly controlDhcp: boolean;
  readonly controlDns: boolean;
  readonly controlEap: boolean;
  readonly controlLldp: boolean;

  b: Uint8Array = new Uint8Array(0);
  /** End of what was captured, and end of the frame on the wire without its frame check sequence. */
  cap = 0;
  wire = 0;
  /**
   * Nobody said whether a frame check sequence ends the frame: the last four bytes are then taken for one
   * wherever a rule would look for more fields.
   */
  fcsUnstated = true;
  /** Of radiotap: the 802.11 header is padded to four bytes. */
  dataPad = false;
  badFcs = false;

  keep = 0;
  cut: Cut = Cut.none;
  zeroed = 0;
  zeroCount = 0;
  readonly zeroStart = new Int32Array(MAX_ZERO_RANGES);
  readonly zeroEnd = new Int32Array(MAX_ZERO_RANGES);

  /** Next layer, or `Proto.none`; `end` is what the layers before declare, which may lie beyond `cap`. */
  proto: number = Proto.none;
  start = 0;
  end = 0;
  /** More fragments follow: lengths inside may pass `end`, and checksums cover what is not here. */
  firstFragment = false;
  tags = 0;
  /** Protocol number behind the extension headers that were just walked. */
  extensionNext = 0;

  private fcs = 0;
  private nested = 0;
  private exhausted = false;
  private zeroBytes = 0;
  private headersFrom = 0;
  private guessKeep = -1;
  private guessZeroCount = 0;
  private guessZeroed = 0;

  constructor(options: SliceOptions) {
    this.options = options;
    const on = options.mode === 'control' ? options.control : [];
    this.controlDhcp = on.includes('dhcp');
    this.controlDns = on.includes('dns');
    this.controlEap = on.includes('eap');
    this.controlLldp = on.includes('lldp');
  }

  reset(b: Uint8Array, base: number, capturedLength: number, originalLength: number): void {
    this.b = b;
    this.wire = base + originalLength;
    this.cap = base + Math.min(capturedLength, originalLength);
    this.fcsUnstated = true;
    this.dataPad = false;
    this.badFcs = false;
    this.keep = base;
    this.cut = Cut.none;
    this.zeroed = 0;
    this.zeroCount = 0;
    this.proto = Proto.none;
    this.firstFragment = false;
    this.tags = 0;
    this.fcs = 0;
    this.nested = 0;
    this.exhausted = false;
    this.zeroBytes = 0;
    this.headersFrom = base;
    this.guessKeep = -1;
  }

  /**
   * The frame is known to end in a frame check sequence of `bytes`; it is never kept. Where container and
   * radiotap disagree, the longer is cut.
   */
  stateFcs(bytes: number): void {
    this.fcsUnstated = false;
    if (bytes <= this.fcs) return;
    this.wire -= bytes - this.fcs;
    this.fcs = bytes;
    if (this.cap > this.wire) this.cap = this.wire;
  }

  /** Capture metadata up to `position` does not count as headers of the frame. */
  metadataTo(position: number): void {
    this.keep = position;
    this.headersFrom = position;
  }

  /** Whether bytes `start` to `start + length` lie inside `end` and were captured; says why not otherwise. */
  has(start: number, length: number, end: number): boolean {
    const needed = start + length;
    if (needed <= end && needed <= this.cap) return true;
    this.cut = needed > end ? Cut.malformed : Cut.truncated;
    return false;
  }

  /** Ranges inside must have been zeroed before. */
  keepTo(position: number): boolean {
    if (this.exhausted || position - this.headersFrom - this.zeroBytes > MAX_HEADER_BYTES) {
      this.cut = Cut.limit;
      return false;
    }
    this.keep = position;
    return true;
  }

  /** Must be called before the `keepTo` that reaches the range: without room to note it, nothing more is kept. */
  zero(start: number, end: number, what: number): void {
    if (end <= start) return;
    const i = this.zeroCount;
    if (i === MAX_ZERO_RANGES) {
      this.exhausted = true;
      return;
    }
    this.zeroStart[i] = start;
    this.zeroEnd[i] = end;
    this.zeroCount = i + 1;
    this.zeroBytes += end - start;
    this.zeroed |= what;
  }

  next(proto: number, start: number, end: number): void {
    if (++this.nested >= MAX_NESTED) {
      this.cut = Cut.limit;
      return;
    }
    this.proto = proto;
    this.start = start;
    this.end = end;
  }

  /** Like `next`, for layers that have a limit of their own. */
  tag(proto: number, start: number, end: number): void {
    this.proto = proto;
    this.start = start;
    this.end = end;
  }

  stop(cut: Cut): void {
    this.cut = cut;
  }

  /**
   * What follows is a tunnel only if the layers inside bear it out; unless `confirm` is called, all that is
   * kept from here on is taken back. Port numbers and labels prove nothing.
   */
  guess(): void {
    this.guessKeep = this.keep;
    this.guessZeroCount = this.zeroCount;
    this.guessZeroed = this.zeroed;
  }

  get guessing(): boolean {
    return this.guessKeep >= 0;
  }

  confirm(): void {
    this.guessKeep = -1;
  }

  finish(): void {
    if (this.guessKeep >= 0) {
      this.keep = this.guessKeep;
      this.zeroCount = this.guessZeroCount;
      this.zeroed = this.guessZeroed;
      this.cut = Cut.payload;
    }
  }
}
