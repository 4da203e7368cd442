import type { Dissection } from '../../packets/dissection.ts';
import { frameSubtype, isManagement, Management } from '../../packets/layers/ieee80211-header.ts';
import { Proto } from '../../packets/protocols.ts';
import type { FrameFeature } from '../pipeline.ts';
import type { Settings } from '../settings.ts';

/** Probes are what stations send and are answered before they belong to anybody (IEEE 802.11-2020 11.1.4.3). */
function isScan(d: Dissection): boolean {
  const i = d.find(Proto.ieee80211);
  if (i < 0 || !isManagement(d.frame, d.start[i])) return false;
  const subtype = frameSubtype(d.frame, d.start[i]);
  return subtype === Management.probeRequest || subtype === Management.probeResponse;
}

/** A capture without the frames of who only passes by, as long as unconnected stations are none of our business. */
export function withoutScans(capture: FrameFeature, settings: Settings): FrameFeature {
  return {
    frame(d, frame, source) {
      if (settings.allows('wifi.unconnected') || !isScan(d)) capture.frame(d, frame, source);
    },
    flush: (ended) => capture.flush(ended),
    get full() {
      return capture.full;
    },
  };
}
