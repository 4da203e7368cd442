import type { Readable } from 'node:stream';
import type { CaptureOutcome } from '../../packets/pcap/outcome.ts';
import { CaptureReader } from '../../packets/pcap/reader.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { type Clock, sleep } from '../ports/clock.ts';
import type { CapturedFrame, Source, SourceCounts } from '../ports/source.ts';
import { byteChunks, comesAsItHappens } from './byte-chunks.ts';

/** Frames at the speed at which they were captured, times `speed`, by this clock. */
export interface ReplayPace {
  clock: Clock;
  speed: number;
}

export interface CaptureFileOptions {
  /** A file or a FIFO, or `-` for standard input. */
  path: string;
  /** Where the capture does not name its interfaces. Default: the path. */
  interfaceName?: string;
  /** Default: as fast as they are taken. */
  pace?: ReplayPace;
  /** Read instead of the process's own for `-`. */
  stdin?: Readable;
}

export const BATCH_FRAMES = 512;
/** One timer at most: longer ones overflow the timers of Node. */
const LONGEST_SLEEP_MS = 3_600_000;

/**
 * A capture as a source: pcap or pcapng, from a file, a FIFO or standard input. What of a frame's check sequence
 * was captured is taken off where the capture says that it is there.
 *
 * `frames` throws capture-not, capture-cut-off, capture-corrupt (after all good frames) or input-missing.
 */
export class CaptureFileSource implements Source {
  readonly name: string;
  private readonly options: CaptureFileOptions;
  private frameCount = 0;
  private byteCount = 0;
  private reader = new CaptureReader();

  constructor(options: CaptureFileOptions) {
    this.options = options;
    this.name = options.path === '-' ? 'standard input' : options.path;
  }

  /** A FIFO and standard input are someone's who captures now; a file is a recording, whatever its pace. */
  get timeRate(): number | undefined {
    const { pace, path, stdin } = this.options;
    if (pace !== undefined) return pace.speed;
    return stdin !== undefined || comesAsItHappens(path) ? 1 : undefined;
  }

  counts(): SourceCounts {
    let dropped = 0;
    for (const of of this.reader.interfaces) dropped += of.dropped ?? 0;
    return { frames: this.frameCount, bytes: this.byteCount, dropped };
  }

  async *frames(signal: AbortSignal): AsyncGenerator<CapturedFrame[]> {
    const batches = this.batches(signal);
    const { pace } = this.options;
    yield* pace === undefined ? batches : paced(batches, pace, signal);
  }

  private async *batches(signal: AbortSignal): AsyncGenerator<CapturedFrame[]> {
    const reader = new CaptureReader();
    this.reader = reader;
    this.frameCount = 0;
    this.byteCount = 0;
    const { path, stdin } = this.options;
    for await (const chunk of byteChunks(path, signal, { keep: true, stdin })) {
      reader.feed(chunk);
      for (;;) {
        const batch = this.take(reader, chunk);
        if (batch.length > 0) yield batch;
        if (signal.aborted) return;
        if (batch.length < BATCH_FRAMES) break;
      }
      if (reader.fault !== null) break;
    }
    if (!signal.aborted) throwUnlessComplete(reader.end(), this.name);
  }

  private take(reader: CaptureReader, chunk: Uint8Array): CapturedFrame[] {
    const taken = takeFrames(reader, chunk, this.options.interfaceName ?? this.name, 0);
    this.byteCount += taken.bytes;
    this.frameCount += taken.frames.length;
    return taken.frames;
  }
}

/**
 * The next frames of what was fed last, at most a batch of `BATCH_FRAMES`. `chunk` is the caller's to refer to; the
 * reader's buffer of frames that cross its edge is not. Numbers go on from `before`.
 */
export function takeFrames(
  reader: CaptureReader,
  chunk: Uint8Array,
  interfaceName: string,
  before: number,
): { frames: CapturedFrame[]; bytes: number } {
  const frames: CapturedFrame[] = [];
  const { frame } = reader;
  let bytes = 0;
  while (frames.length < BATCH_FRAMES && reader.next()) {
    const view = frame.buffer.subarray(frame.start, frame.endWithoutFcs());
    frames.push({
      linkType: frame.linkType,
      bytes: frame.buffer === chunk ? view : new Uint8Array(view),
      originalLength: Math.max(frame.originalLength, view.length),
      timeNs: frame.timeNs(),
      number: before + frame.number,
      interfaceName: frame.interface.name ?? interfaceName,
    });
    bytes += frame.end - frame.start;
  }
  return { frames, bytes };
}

/** @throws AirherdError capture-not, capture-cut-off or capture-corrupt, unless the capture was whole. */
export function throwUnlessComplete(outcome: CaptureOutcome, path: string): void {
  switch (outcome.kind) {
    case 'complete':
      return;
    case 'not-capture':
      throw new AirherdError('capture-not', { path, detail: outcome.reason });
    case 'cut-off':
      throw new AirherdError('capture-cut-off', { path, frames: outcome.frames, bytes: outcome.bytes });
    case 'corrupt': {
      const { offset, frames, reason } = outcome;
      throw new AirherdError('capture-corrupt', { path, offset, frames, detail: reason });
    }
  }
}

/** Holds each frame back until it is due, counted from the first. One that is overdue goes at once. */
async function* paced(
  batches: AsyncIterable<CapturedFrame[]>,
  { clock, speed }: ReplayPace,
  signal: AbortSignal,
): AsyncGenerator<CapturedFrame[]> {
  let origin: { captureNs: bigint; monoMs: number } | null = null;
  for await (const batch of batches) {
    let due: CapturedFrame[] = [];
    for (const frame of batch) {
      origin ??= { captureNs: frame.timeNs, monoMs: clock.monoMs() };
      const dueMs = origin.monoMs + Number(frame.timeNs - origin.captureNs) / 1e6 / speed;
      if (dueMs > clock.monoMs()) {
        if (due.length > 0) yield due;
        due = [];
        if (!(await sleepUntil(clock, dueMs, signal))) return;
      }
      due.push(frame);
    }
    if (due.length > 0) yield due;
  }
}

/** False when aborted. */
async function sleepUntil(clock: Clock, dueMs: number, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted && clock.monoMs() < dueMs) {
    const delayMs = Math.min(dueMs - clock.monoMs(), LONGEST_SLEEP_MS);
    await sleep(clock, delayMs, signal).catch(() => undefined);
  }
  return !signal.aborted;
}
