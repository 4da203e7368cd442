import type { Dissection } from '../../packets/dissection.ts';
import { parts } from '../../packets/trigger/section.ts';
import { type Capture, TriggerTracker } from '../../packets/trigger/tracker.ts';
import type { Random } from '../../platform/ports/random.ts';
import type { CapturedFrame, Source } from '../../platform/ports/source.ts';
import type { DeviceTime } from '../device-time.ts';
import type { FrameFeature } from '../pipeline.ts';
import type { Producer } from '../producer.ts';
import type { Settings } from '../settings.ts';
import type { Forgetting } from './forgetting.ts';
import { addToTotals, CAPTURE_ID_BYTES, sectionLimit } from './pcap.ts';
import type { CaptureTotals, SlicingTotals } from './stats.ts';

export interface DynamicPcapOptions {
  producer: Producer;
  settings: Settings;
  random: Random;
  time: DeviceTime;
  outboxBytes: number;
}

/** So much silence is believed between two looks: while the outbox held the sources back, frames may have waited. */
const MAX_SILENCE_MS = 2000;

/** A source's failures, on its own capture time: those of two recordings have nothing to do with each other. */
class WatchedSource {
  readonly tracker = new TriggerTracker();
  private readonly timeRate: number;
  private lastNs = 0n;
  private silentMs = 0;
  private lookedMs: number;

  constructor(timeRate: number, nowMs: number) {
    this.timeRate = timeRate;
    this.lookedMs = nowMs;
  }

  frame(d: Dissection, frame: CapturedFrame): void {
    this.lastNs = frame.timeNs;
    this.silentMs = 0;
    this.tracker.frame(d, frame);
  }

  /** Deadlines pass also while nobody says anything, where frames come as they are captured. */
  look(nowMs: number): Capture[] {
    this.silentMs += Math.min(nowMs - this.lookedMs, MAX_SILENCE_MS);
    this.lookedMs = nowMs;
    if (this.timeRate > 0 && this.lastNs > 0n) {
      this.tracker.tick(this.lastNs + BigInt(Math.round(this.silentMs * this.timeRate * 1e6)));
    }
    return this.tracker.take();
  }
}

/** The window around each failure of a client, header-only, named by its trigger. */
export function dynamicCapture(
  options: DynamicPcapOptions,
  totals: SlicingTotals,
  captures: CaptureTotals,
): FrameFeature & Forgetting {
  const { producer, settings, random, time } = options;
  const watched = new Map<Source, WatchedSource>();

  async function ship({ trigger, client, frames }: Capture): Promise<void> {
    const captureId = random.bytes(CAPTURE_ID_BYTES);
    for (const part of parts(frames, sectionLimit(options.outboxBytes))) {
      addToTotals(totals, part);
      const message = { class: 'pcap.headers', captureId, trigger, client, ...part } as const;
      await producer.produce('pcap', message);
    }
    captures.dynamic++;
  }

  return {
    frame(d: Dissection, frame: CapturedFrame, source: Source) {
      if (!settings.allows('pcap.headers')) return;
      let of = watched.get(source);
      if (of === undefined) {
        of = new WatchedSource(source.timeRate ?? 0, time.sinceBootMs());
        watched.set(source, of);
      }
      of.frame(d, frame);
    },
    /** The rings go whole: they hold seconds, and are full again as soon. */
    forget() {
      const count = watched.size;
      watched.clear();
      return count;
    },
    async flush(ended) {
      const all = [...watched.values()];
      const ready = all.flatMap((of) => (ended ? of.tracker.end() : of.look(time.sinceBootMs())));
      captures.suppressed = all.reduce((sum, { tracker }) => sum + tracker.suppressed, 0);
      for (const capture of ready) await ship(capture);
    },
  };
}
