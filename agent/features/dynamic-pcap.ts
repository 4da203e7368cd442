import type { Dissection } from '../../packets/dissection.ts';
import { parts } from '../../packets/trigger/section.ts';
import { TriggerTracker } from '../../packets/trigger/tracker.ts';
import type { Random } from '../../platform/ports/random.ts';
import type { CapturedFrame } from '../../platform/ports/source.ts';
import type { FrameFeature } from '../pipeline.ts';
import type { Producer } from '../producer.ts';
import type { Settings } from '../settings.ts';
import { addToTotals, CAPTURE_ID_BYTES, sectionLimit } from './pcap.ts';
import type { SlicingTotals } from './stats.ts';

export interface DynamicPcapOptions {
  producer: Producer;
  settings: Settings;
  random: Random;
  outboxBytes: number;
}

/** The window around each failure of a client, header-only, named by its trigger. */
export function dynamicCapture(options: DynamicPcapOptions, totals: SlicingTotals): FrameFeature {
  const { producer, settings, random } = options;
  const tracker = new TriggerTracker();
  return {
    frame(d: Dissection, frame: CapturedFrame) {
      if (settings.allows('pcap.headers')) tracker.frame(d, frame);
    },
    async flush(ended) {
      for (const { trigger, client, frames } of ended ? tracker.end() : tracker.take()) {
        const captureId = random.bytes(CAPTURE_ID_BYTES);
        for (const part of parts(frames, sectionLimit(options.outboxBytes))) {
          addToTotals(totals, part);
          const message = { class: 'pcap.headers', captureId, trigger, client, ...part } as const;
          await producer.produce('pcap', message);
        }
      }
    },
  };
}
