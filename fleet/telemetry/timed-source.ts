import { type Clock, sleep } from '../../platform/ports/clock.ts';
import type { CapturedFrame, Source, SourceCounts } from '../../platform/ports/source.ts';

export interface TimedFrames {
  linkType: number;
  interfaceName: string;
  /** What is heard in one period; `turn` counts them from 0. */
  frames(turn: number): Uint8Array[];
  /** Its clients walk on: before the next period, others come. */
  roam?(): void;
}

/**
 * What a virtual device observes: frames that are made when they are due, so that ten thousand devices keep
 * none. Periods count from the first, so that a late one does not move those after it.
 */
export class TimedSource implements Source {
  readonly name: string;
  readonly timeRate = 1;
  private readonly clock: Clock;
  private readonly heard: TimedFrames;
  private readonly periodMs: number;
  private readonly firstMs: number;
  private frameCount = 0;
  private byteCount = 0;

  /** The first period begins `firstMs` after the device. */
  constructor(heard: TimedFrames, clock: Clock, periodMs: number, firstMs: number) {
    this.name = heard.interfaceName;
    this.heard = heard;
    this.clock = clock;
    this.periodMs = periodMs;
    this.firstMs = firstMs;
  }

  counts(): SourceCounts {
    return { frames: this.frameCount, bytes: this.byteCount, dropped: 0 };
  }

  async *frames(signal: AbortSignal): AsyncGenerator<CapturedFrame[]> {
    const { linkType, interfaceName } = this.heard;
    const startMs = this.clock.monoMs() + this.firstMs;
    for (let turn = 0; !signal.aborted; turn++) {
      await sleep(this.clock, Math.max(0, startMs + turn * this.periodMs - this.clock.monoMs()), signal);
      const timeNs = BigInt(Math.round(this.clock.wallMs() * 1000)) * 1000n;
      yield this.heard.frames(turn).map((bytes) => {
        this.byteCount += bytes.length;
        this.frameCount++;
        const number = this.frameCount;
        return { linkType, bytes, originalLength: bytes.length, timeNs, number, interfaceName };
      });
    }
  }
}
