import { dissect } from '../../packets/dissect.ts';
import { Dissection } from '../../packets/dissection.ts';
import type { SeenFrame } from '../../packets/trigger/ring.ts';
import type { Capture, TriggerTracker } from '../../packets/trigger/tracker.ts';
import type { RecordedFrame } from './recorded-frames.ts';

const dissection = new Dissection();

/** Frames as a tracker wants them. Their times are seconds since the Unix epoch. */
export function seen(frame: Omit<RecordedFrame, 'file' | 'number'>): SeenFrame {
  const { linkType, bytes, originalLength, seconds, nanoseconds } = frame;
  const timeNs = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
  return { linkType, bytes, originalLength, timeNs, interfaceName: 'test0' };
}

/** Sends frames through a tracker; no time passes behind the last of them. */
export function trackWithoutTime(tracker: TriggerTracker, frames: readonly SeenFrame[]): void {
  for (const frame of frames) {
    dissect(dissection, frame.bytes, frame.linkType);
    tracker.frame(dissection, frame);
  }
}

/** Sends frames through a tracker, lets `afterSeconds` pass, and gives what it captured. */
export function track(tracker: TriggerTracker, frames: readonly SeenFrame[], afterSeconds = 60): Capture[] {
  trackWithoutTime(tracker, frames);
  const last = frames.at(-1)?.timeNs ?? 0n;
  tracker.tick(last + BigInt(afterSeconds) * 1_000_000_000n);
  return tracker.end();
}
