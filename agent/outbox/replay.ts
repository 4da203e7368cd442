import type { Entry, GapRange } from './entry.ts';
import type { SegmentRecord } from './segment.ts';

export interface Recovered {
  /** Pending, in order of seq within each boot and stream. */
  entries: Entry[];
  /** Holes: seqs that were produced and are on no disk. */
  lost: GapRange[];
}

interface Stream {
  acknowledged: number;
  entries: Map<number, Entry>;
}

/**
 * Plays a journal back. `damaged` are frames that could not be read: those that would follow a stream's last
 * good message are lost with certainty; others only when they leave a hole.
 */
export function replay(
  records: readonly { segment: number; record: SegmentRecord }[],
  damaged: readonly GapRange[],
): Recovered {
  const streams = new Map<string, Stream>();
  const streamOf = (boot: string, stream: string): Stream => {
    const key = `${boot}/${stream}`;
    let found = streams.get(key);
    if (!found) {
      found = { acknowledged: 0, entries: new Map() };
      streams.set(key, found);
    }
    return found;
  };
  for (const { segment, record } of records) {
    const stream = streamOf(record.boot, record.stream);
    if (record.type === 'ack') {
      stream.acknowledged = Math.max(stream.acknowledged, record.seq);
      continue;
    }
    const { boot, seq, to, gap, bytes } = record;
    for (const old of gap === null ? [] : [...stream.entries.values()]) {
      if (old.seq >= seq && old.to <= to) stream.entries.delete(old.seq);
    }
    const { stream: name, class: privacyClass } = record;
    // It may have been sent before the restart.
    const sent = true;
    stream.entries.set(seq, { boot, stream: name, seq, to, gap, class: privacyClass, bytes, sent, segment });
  }
  const entries: Entry[] = [];
  const lost: GapRange[] = [];
  for (const [key, stream] of streams) {
    const [boot, name] = key.split('/');
    const pending = [...stream.entries.values()]
      .filter((entry) => entry.to > stream.acknowledged)
      .sort((a, b) => a.seq - b.seq);
    entries.push(...pending);
    // Without an `ack` on record, what came before the first message was acknowledged and removed, unless its
    // damaged frame is still there.
    let expected = stream.acknowledged > 0 ? stream.acknowledged + 1 : (pending[0]?.seq ?? 1);
    const holes: { seq: number; to: number }[] = [];
    for (const entry of pending) {
      if (entry.seq > expected) holes.push({ seq: expected, to: entry.seq - 1 });
      expected = Math.max(expected, entry.to + 1);
    }
    const mine = damaged
      .filter((frame) => frame.boot === boot && frame.stream === name)
      .sort((a, b) => a.seq - b.seq);
    for (const frame of mine) {
      const before = pending.length > 0 && frame.seq === pending[0].seq - 1 && stream.acknowledged === 0;
      if (before) holes.push({ seq: frame.seq, to: frame.seq });
      else if (frame.seq === expected) {
        holes.push({ seq: frame.seq, to: frame.seq });
        expected++;
      }
    }
    for (const hole of holes.sort((a, b) => a.seq - b.seq)) {
      lost.push({ boot, stream: pending[0]?.stream ?? mine[0].stream, ...hole });
    }
  }
  for (const frame of damaged) {
    const key = `${frame.boot}/${frame.stream}`;
    // The stream's very first message is what was torn.
    if (!streams.has(key) && frame.seq === 1) lost.push({ ...frame, to: 1 });
  }
  return { entries, lost };
}
