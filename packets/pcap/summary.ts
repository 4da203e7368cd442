import type { CaptureInterface, Frame } from './frame.ts';

interface Instant {
  seconds: number;
  nanoseconds: number;
}

/** What is to be told of a capture as a whole, gathered frame by frame. */
export class CaptureSummary {
  frames = 0;
  capturedBytes = 0;
  /** Bytes on the wire. */
  originalBytes = 0;
  /** Frames of which less was captured than was on the wire. */
  cutFrames = 0;
  inTimeOrder = true;
  private readonly counts = new Map<CaptureInterface, { frames: number }>();
  private last: CaptureInterface | null = null;
  private lastCount = { frames: 0 };
  /** NaN until a frame has a time. */
  private earliestSeconds = Number.NaN;
  private earliestNanoseconds = 0;
  private latestSeconds = Number.NaN;
  private latestNanoseconds = 0;
  private previousSeconds = Number.NEGATIVE_INFINITY;
  private previousNanoseconds = 0;

  add(frame: Frame): void {
    const captured = frame.end - frame.start;
    this.frames++;
    this.capturedBytes += captured;
    this.originalBytes += frame.originalLength;
    if (captured < frame.originalLength) this.cutFrames++;
    if (frame.interface !== this.last) this.turnTo(frame.interface);
    this.lastCount.frames++;
    if (frame.timed) this.addTime(frame.seconds, frame.nanoseconds);
  }

  framesOf(of: CaptureInterface): number {
    return this.counts.get(of)?.frames ?? 0;
  }

  /** Of the frames that have a time; null when none has. */
  get earliest(): Instant | null {
    return instant(this.earliestSeconds, this.earliestNanoseconds);
  }

  get latest(): Instant | null {
    return instant(this.latestSeconds, this.latestNanoseconds);
  }

  private turnTo(of: CaptureInterface): void {
    const count = this.counts.get(of) ?? { frames: 0 };
    this.counts.set(of, count);
    this.last = of;
    this.lastCount = count;
  }

  private addTime(seconds: number, nanoseconds: number): void {
    if (isBefore(seconds, nanoseconds, this.previousSeconds, this.previousNanoseconds))
      this.inTimeOrder = false;
    this.previousSeconds = seconds;
    this.previousNanoseconds = nanoseconds;
    if (!isBefore(this.earliestSeconds, this.earliestNanoseconds, seconds, nanoseconds)) {
      this.earliestSeconds = seconds;
      this.earliestNanoseconds = nanoseconds;
    }
    if (!isBefore(seconds, nanoseconds, this.latestSeconds, this.latestNanoseconds)) {
      this.latestSeconds = seconds;
      this.latestNanoseconds = nanoseconds;
    }
  }
}

function instant(seconds: number, nanoseconds: number): Instant | null {
  return Number.isNaN(seconds) ? null : { seconds, nanoseconds };
}

/** Whether the first of two times is before the second; never when one is NaN. */
function isBefore(
  seconds: number,
  nanoseconds: number,
  thanSeconds: number,
  thanNanoseconds: number,
): boolean {
  return seconds < thanSeconds || (seconds === thanSeconds && nanoseconds < thanNanoseconds);
}

/** Seconds since the epoch with nine digits after the point. */
export function decimalSeconds({ seconds, nanoseconds }: Instant): string {
  const ns = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
  const size = ns < 0n ? -ns : ns;
  const fraction = String(size % 1_000_000_000n).padStart(9, '0');
  return `${ns < 0n ? '-' : ''}${size / 1_000_000_000n}.${fraction}`;
}
