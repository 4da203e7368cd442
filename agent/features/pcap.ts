import type { Dissection } from '../../packets/dissection.ts';
import type { CapturedFrame } from '../../platform/ports/source.ts';
import type { FrameFeature } from '../pipeline.ts';
import type { Producer } from '../producer.ts';
import type { Settings } from '../settings.ts';
import { type Forgetting, forgetIn } from './forgetting.ts';
import { FrameSlicer, type Section } from './frame-slicer.ts';
import type { SlicingTotals } from './stats.ts';

export const CAPTURE_ID_BYTES = 16;
/** `section` of a message, at most: `schema.cddl`. One more frame still fits below it. */
const SECTION_BYTES = 120 * 1024;

export interface ContinuousOptions {
  producer: Producer;
  settings: Settings;
  captureId: Buffer;
  outboxBytes: number;
}

/** Sections are closed before they make a message that a small outbox could not hold. */
export const sectionLimit = (outboxBytes: number): number => Math.min(SECTION_BYTES, outboxBytes >> 2);

export function addToTotals(
  totals: SlicingTotals,
  section: Pick<Section, 'packets' | 'bytesSeen' | 'bytesKept'>,
): void {
  totals.frames += section.packets;
  totals.bytesSeen += section.bytesSeen;
  totals.bytesKept += section.bytesKept;
  totals.bytesCut += section.bytesSeen - section.bytesKept;
}

/** Every frame, header-only, all the time: what `airherd pcap tail` and the demo show. */
export function continuousCapture(
  options: ContinuousOptions,
  totals: SlicingTotals,
): FrameFeature & Forgetting {
  const { producer, settings, captureId } = options;
  const slicer = new FrameSlicer();
  const limitBytes = sectionLimit(options.outboxBytes);
  let ready: Section[] = [];
  let part = 0;

  const close = () => {
    const section = slicer.takeSection();
    if (!section) return;
    addToTotals(totals, section);
    ready.push(section);
  };

  return {
    frame(_: Dissection, frame: CapturedFrame) {
      if (!settings.allows('pcap.headers')) return;
      slicer.write(frame);
      if (slicer.length >= limitBytes) close();
    },
    forget(names) {
      close();
      let count = 0;
      ready = ready.flatMap((section) => {
        const { rest, removed } = forgetIn(section, ({ bytes }) => bytes, names);
        count += removed;
        return rest && rest.packets > 0 ? { ...section, packets: rest.packets, bytes: rest.section } : [];
      });
      return count;
    },
    get full() {
      return ready.length > 0;
    },
    async flush(ended) {
      close();
      const sections = ready;
      ready = [];
      for (const [i, { bytes, ...counts }] of sections.entries()) {
        await producer.produce('pcap', {
          class: 'pcap.headers',
          captureId,
          trigger: 'continuous',
          part: ++part,
          last: ended && i === sections.length - 1,
          ...counts,
          section: bytes,
        });
      }
    },
  };
}
