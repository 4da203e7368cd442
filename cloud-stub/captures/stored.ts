import type { Pcap } from '../../protocol/messages/pcap.ts';
import type { CaptureSummary } from '../ingest/project.ts';
import type { OrgStore } from '../store/org-store.ts';
import type { Wanted } from './live.ts';

/** Captures looked through for one reader, newest first; older ones are downloaded one by one. */
const MAX_CAPTURES = 1000;

function* captureParts(store: OrgStore, serial: string, captureId: Uint8Array): Generator<Pcap> {
  for (const id of store.captureParts(captureId)) {
    const stored = store.message(id);
    if (stored && 'section' in stored.message && stored.serial === serial) yield stored.message;
  }
}

/** Every part is a whole section: put end to end, in the order of the parts, they are one file. */
export function* captureSections(store: OrgStore, serial: string, captureId: Uint8Array): Generator<Buffer> {
  for (const { section } of captureParts(store, serial, captureId)) yield Buffer.from(section);
}

/** Parts with frames of `fromMs` or later, oldest capture first. What is stored now is settled by the call. */
export function partsSince(store: OrgStore, wanted: Wanted, fromMs: number): Iterable<Pcap> {
  const { client, serial } = wanted;
  const captures = store.state
    .list<CaptureSummary>('capture', { serial, limit: MAX_CAPTURES, offset: 0 })
    .filter(({ value }) => value.toMs >= fromMs)
    .filter(({ value }) => !client || !value.client || Buffer.compare(value.client, client) === 0)
    .sort((a, b) => a.value.fromMs - b.value.fromMs)
    .map((found) => ({ serial: found.serial, ids: store.captureParts(found.value.captureId) }));
  return (function* () {
    for (const capture of captures) {
      for (const id of capture.ids) {
        const stored = store.message(id);
        if (!stored || stored.serial !== capture.serial || !('section' in stored.message)) continue;
        if (stored.message.toMs >= fromMs) yield stored.message;
      }
    }
  })();
}
