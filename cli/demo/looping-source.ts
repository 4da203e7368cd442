import { CaptureFileSource } from '../../platform/node/capture-file.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import type { CapturedFrame, Source, SourceCounts } from '../../platform/ports/source.ts';

export interface LoopOptions {
  path: string;
  interfaceName: string;
  clock: Clock;
  /** Times the speed of the capture. */
  speed: number;
}

/** Between one round of the capture and the next, milliseconds of capture time. */
const PAUSE_MS = 1000;

/** A capture over and over, as if it were happening now: times are moved so that they go on from the start. */
export class LoopingSource implements Source {
  readonly name: string;
  private readonly options: LoopOptions;
  private frameCount = 0;
  private byteCount = 0;

  constructor(options: LoopOptions) {
    this.options = options;
    this.name = options.interfaceName;
  }

  counts(): SourceCounts {
    return { frames: this.frameCount, bytes: this.byteCount, dropped: 0 };
  }

  async *frames(signal: AbortSignal): AsyncGenerator<CapturedFrame[]> {
    const { path, interfaceName, clock, speed } = this.options;
    let roundNs = BigInt(Math.round(clock.wallMs())) * 1_000_000n;
    while (!signal.aborted) {
      let firstNs: bigint | null = null;
      let lastNs = roundNs;
      const source = new CaptureFileSource({ path, interfaceName, pace: { clock, speed } });
      for await (const batch of source.frames(signal)) {
        firstNs ??= batch[0].timeNs;
        const shiftNs = roundNs - firstNs;
        const moved = batch.map((frame) => ({
          ...frame,
          timeNs: frame.timeNs + shiftNs,
          number: ++this.frameCount,
        }));
        for (const frame of moved) this.byteCount += frame.bytes.length;
        lastNs = moved[moved.length - 1].timeNs;
        yield moved;
      }
      roundNs = lastNs + BigInt(PAUSE_MS) * 1_000_000n;
    }
  }
}
