import { dissect } from '../packets/dissect.ts';
import { Dissection } from '../packets/dissection.ts';
import type { Clock } from '../platform/ports/clock.ts';
import type { Finding } from '../platform/ports/finding.ts';
import type { BleSighting, CapturedFrame, Source } from '../platform/ports/source.ts';
import { AirherdError } from '../protocol/errors.ts';
import type { SourceReport, SourceState } from './features/stats.ts';

/** What learns from frames, and says what it learned when asked to. */
export interface FrameFeature {
  /** One frame, taken apart. Both are reused: what is kept must be copied. */
  frame(dissection: Dissection, frame: CapturedFrame, source: Source): void;
  /** One report of a Bluetooth radio. */
  advertisement?(sighting: BleSighting, source: Source): void;
  /** What a daemon or the kernel has found out. */
  finding?(finding: Finding, source: Source): void;
  /** A source that is interrupted, or goes on: `error` is null then. */
  interruption?(source: Source, error: AirherdError | null, missed: number): void;
  /** Produces what has changed since; waits where the outbox holds back. `ended`: no frame will follow. */
  flush(ended: boolean): Promise<void>;
  /** Has as much as it may hold: is flushed before the next frames. */
  readonly full?: boolean;
}

export interface PipelineOptions {
  sources: readonly Source[];
  features: readonly FrameFeature[];
  clock: Clock;
  flushMs: number;
  onSource(name: string, state: SourceState, error?: AirherdError): void;
}

/** Nothing is kept in it from one frame to the next: all agents of a thread have one. */
const dissection = new Dissection();

type Batches<T> = AsyncIterable<readonly T[]> | Iterable<readonly T[]>;

/** Frames of all sources, through all features. A full outbox holds the sources back. */
export class Pipeline {
  private readonly options: PipelineOptions;
  private readonly states = new Map<string, SourceState>();
  private flushing: Promise<void> | null = null;

  constructor(options: PipelineOptions) {
    this.options = options;
    for (const source of options.sources) this.states.set(source.name, 'running');
  }

  /** Ends when all sources have ended, or the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const timer = this.options.clock.every(this.options.flushMs, () => void this.flush(false));
    try {
      await Promise.all(this.options.sources.map((source) => this.follow(source, signal)));
    } finally {
      timer.cancel();
      await this.flushing;
      await this.flush(true);
    }
  }

  reports(): SourceReport[] {
    return this.options.sources.map((source) => ({
      name: source.name.slice(0, 255),
      state: this.states.get(source.name) ?? 'running',
      ...source.counts(),
    }));
  }

  private async follow(source: Source, signal: AbortSignal): Promise<void> {
    try {
      source.watch?.({
        interrupted: (error) => this.interruption(source, error, 0),
        resumed: (missed) => this.interruption(source, null, missed),
      });
      // The order of the calls is the port's: a radio shall miss nothing that comes with the first frames.
      const others = [this.followAdvertisements(source, signal), this.followFindings(source, signal)];
      await Promise.all([...others, this.followFrames(source, signal)]);
      this.end(source, 'ended');
    } catch (error) {
      if (signal.aborted) return this.end(source, 'ended');
      if (!(error instanceof AirherdError)) throw error;
      this.end(source, 'failed', error);
    }
  }

  private followFrames(source: Source, signal: AbortSignal): Promise<void> {
    return this.take(source.frames(signal), signal, (frame) => {
      dissect(dissection, frame.bytes, frame.linkType, frame.originalLength);
      for (const feature of this.options.features) feature.frame(dissection, frame, source);
    });
  }

  private followAdvertisements(source: Source, signal: AbortSignal): Promise<void> {
    return this.take(source.advertisements?.(signal) ?? [], signal, (sighting) => {
      for (const feature of this.options.features) feature.advertisement?.(sighting, source);
    });
  }

  private followFindings(source: Source, signal: AbortSignal): Promise<void> {
    return this.take(source.findings?.(signal) ?? [], signal, (finding) => {
      for (const feature of this.options.features) feature.finding?.(finding, source);
    });
  }

  private async take<T>(batches: Batches<T>, signal: AbortSignal, each: (item: T) => void): Promise<void> {
    const iterator =
      Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]();
    try {
      while (!signal.aborted && (await this.takeBatch(iterator, each))) await this.makeRoom();
    } finally {
      await iterator.return?.();
    }
  }

  /** A loop over the batches would hold the last one, with its frames, for as long as the next is waited for. */
  private async takeBatch<T>(
    iterator: AsyncIterator<readonly T[]> | Iterator<readonly T[]>,
    each: (item: T) => void,
  ): Promise<boolean> {
    const { done, value } = await iterator.next();
    if (done) return false;
    for (const item of value) each(item);
    return true;
  }

  private interruption(source: Source, error: Error | null, missed: number): void {
    if (error !== null && !(error instanceof AirherdError)) throw error;
    const state = error === null ? 'running' : 'failed';
    this.states.set(source.name, state);
    for (const feature of this.options.features) feature.interruption?.(source, error, missed);
    this.options.onSource(source.name, state, error ?? undefined);
  }

  private async makeRoom(): Promise<void> {
    await this.flushing;
    if (this.options.features.some((feature) => feature.full)) await this.flush(false);
  }

  private end(source: Source, state: SourceState, error?: AirherdError): void {
    this.states.set(source.name, state);
    this.options.onSource(source.name, state, error);
  }

  /** One flush at a time. A stop that interrupts a held-back message is no failure. */
  private flush(ended: boolean): Promise<void> {
    this.flushing ??= (async () => {
      try {
        for (const feature of this.options.features) await feature.flush(ended);
      } catch {
        // Aborted while held back: what was not produced was never counted.
      } finally {
        this.flushing = null;
      }
    })();
    return this.flushing;
  }
}
