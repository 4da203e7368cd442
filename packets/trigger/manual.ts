import type { Dissection } from '../dissection.ts';
import { type SliceOptions, STRICT } from '../slice/options.ts';
import { Slicer } from '../slice/slicer.ts';
import { isOfClient, macNumber } from './client.ts';
import { type Consent, consentInForce } from './consent.ts';
import type { FrameFilter } from './filter.ts';
import { type KeptFrame, type SeenFrame, SliceBuffer } from './ring.ts';
import { MAX_SECTION, type Part, parts } from './section.ts';

export interface ManualLimits {
  packets: number;
  /** Of what is kept. */
  bytes: number;
  /** From the start on, by the device's clock. */
  durationMs: number;
}

export interface ManualOptions {
  limits: ManualLimits;
  /** Only frames from or to this MAC address. */
  client?: Uint8Array;
  /** Only frames of this interface or port. */
  interfaceName?: string;
  /** Only frames that it lets through: `parseFilter`. */
  filter?: FrameFilter;
  /** Whole frames as long as it is in force. */
  consent?: Consent;
  slice?: SliceOptions;
}

export type StopReason = 'packets' | 'bytes' | 'duration' | 'consent-ended' | 'asked';

const FULL: SliceOptions = { ...STRICT, mode: 'full' };
/** Frames are handed over when a message is about full, or this much time has passed. */
const FLUSH_BYTES = MAX_SECTION / 2;
const FLUSH_MS = 1000;

/**
 * A capture that someone asked for. It is sliced unless a consent in force allows payload, and ends, for good,
 * with the first of its limits or with the consent. Pure: the caller says what time it is.
 */
export class ManualCapture {
  packets = 0;
  bytesSeen = 0;
  bytesKept = 0;
  /** Why it ended; null while it runs. */
  stopped: StopReason | null = null;
  /** Whether payload is kept. */
  readonly withPayload: boolean;
  private readonly options: ManualOptions;
  private readonly slicer: Slicer;
  private readonly startMs: number;
  private readonly clientMac: number | null;
  private readonly slice = new SliceBuffer();
  private frames: KeptFrame[] = [];
  private waitingBytes = 0;
  private waitingSinceMs = 0;
  private partsGiven = 0;
  private lastGiven = false;

  /** @param nowMs Unix time, milliseconds */
  constructor(options: ManualOptions, nowMs: number) {
    this.options = options;
    this.startMs = nowMs;
    this.withPayload = options.consent !== undefined && consentInForce(options.consent, nowMs);
    this.slicer = new Slicer(this.withPayload ? FULL : options.slice);
    this.clientMac = options.client === undefined ? null : macNumber(options.client, 0);
  }

  /** Whether the frame was taken. */
  frame(d: Dissection, frame: SeenFrame, nowMs: number): boolean {
    this.tick(nowMs);
    if (this.stopped !== null || !this.isWanted(d, frame)) return false;
    const { slice } = this;
    slice.fill(this.slicer, frame);
    const kept = slice.length;
    const { limits } = this.options;
    if (this.bytesKept + kept > limits.bytes) {
      this.stop('bytes');
      return false;
    }
    if (this.frames.length === 0) this.waitingSinceMs = nowMs;
    const { linkType, originalLength, timeNs, interfaceName } = frame;
    const { cut, zeroed } = slice;
    const bytes = slice.bytes.slice(0, kept);
    this.frames.push({ linkType, originalLength, timeNs, interfaceName, bytes, cut, zeroed });
    this.packets++;
    this.bytesSeen += originalLength;
    this.bytesKept += kept;
    this.waitingBytes += kept;
    if (this.packets >= limits.packets) this.stop('packets');
    return true;
  }

  /** Ends the capture when its time, or the consent's, is over. */
  tick(nowMs: number): void {
    const { consent, limits } = this.options;
    if (this.withPayload && consent !== undefined && !consentInForce(consent, nowMs)) {
      this.stop('consent-ended');
    } else if (nowMs - this.startMs >= limits.durationMs) this.stop('duration');
  }

  stop(reason: StopReason): void {
    this.stopped ??= reason;
  }

  /** Parts that are due; the last one, perhaps without frames, once the capture has ended. */
  take(nowMs: number): Part[] {
    const isOver = this.stopped !== null;
    if (this.lastGiven) return [];
    const isDue = this.waitingBytes >= FLUSH_BYTES || nowMs - this.waitingSinceMs >= FLUSH_MS;
    if (!isOver && (this.frames.length === 0 || !isDue)) return [];
    const due = parts(this.frames).map((part) => ({
      ...part,
      part: part.part + this.partsGiven,
      last: part.last && isOver,
    }));
    this.partsGiven += due.length;
    this.lastGiven = isOver;
    this.frames = [];
    this.waitingBytes = 0;
    return due;
  }

  private isWanted(d: Dissection, { interfaceName }: SeenFrame): boolean {
    const { filter, interfaceName: wanted } = this.options;
    if (wanted !== undefined && interfaceName !== wanted) return false;
    if (this.clientMac !== null && !isOfClient(d, this.clientMac)) return false;
    return filter === undefined || filter(d);
  }
}
