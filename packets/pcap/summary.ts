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
  /** Of the frames that have a time. */
  earliest: Instant | null = null;
  latest: Instant | null = null;
  inTimeOrder = true;
  readonly framesOf = new Map<CaptureInterface, number>();
  private previous: Instant | null = null;

  add(frame: Frame): void {
    const captured = frame.end - frame.start;
    this.frames++;
    this.capturedBytes += captured;
    this.originalBytes += frame.originalLength;
    if (captured < frame.originalLength) this.cutFrames++;
    this.framesOf.set(frame.interface, (this.framesOf.get(frame.interface) ?? 0) + 1);
    if (frame.timed) this.addTime({ seconds: frame.seconds, nanoseconds: frame.nanoseconds });
  }

  private addTime(time: Instant): void {
    if (this.previous !== null && isBefore(time, this.previous)) this.inTimeOrder = false;
    if (this.earliest === null || isBefore(time, this.earliest)) this.earliest = time;
    if (this.latest === null || isBefore(this.latest, time)) this.latest = time;
    this.previous = time;
  }
}

function isBefore(a: Instant, b: Instant): boolean {
  return a.seconds < b.seconds || (a.seconds === b.seconds && a.nanoseconds < b.nanoseconds);
}

/** Seconds since the epoch with nine digits after the point. */
export function decimalSeconds({ seconds, nanoseconds }: Instant): string {
  const ns = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
  const size = ns < 0n ? -ns : ns;
  const fraction = String(size % 1_000_000_000n).padStart(9, '0');
  return `${ns < 0n ? '-' : ''}${size / 1_000_000_000n}.${fraction}`;
}
