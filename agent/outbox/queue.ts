import type { UpStream } from '../../protocol/topics.ts';
import type { Entry } from './entry.ts';

/** The unacknowledged messages of one boot and stream, by seq, without holes. */
export class StreamQueue {
  readonly boot: string;
  readonly stream: UpStream;
  /** Last seq given out. */
  lastSeq = 0;
  acknowledged = 0;
  dropped = 0;
  private entries: Entry[] = [];
  /** Index of the first entry that this connection has not been handed. */
  private next = 0;

  constructor(boot: string, stream: UpStream) {
    this.boot = boot;
    this.stream = stream;
  }

  push(entry: Entry): void {
    this.entries.push(entry);
    this.lastSeq = Math.max(this.lastSeq, entry.to);
  }

  get size(): number {
    return this.entries.length;
  }

  /** Messages that still await an `ack`, gaps not counted. */
  get pending(): number {
    let count = 0;
    for (const entry of this.entries) if (entry.gap === null) count++;
    return count;
  }

  /** Seqs up to here are no longer held: 0 for none, and for none of which the cloud has to be told. */
  get acknowledgedTo(): number {
    return this.entries.length === 0 ? this.lastSeq : this.entries[0].seq - 1;
  }

  all(): readonly Entry[] {
    return this.entries;
  }

  /** First entry that this connection has not been handed. */
  peek(): Entry | null {
    return this.entries[this.next] ?? null;
  }

  /** Marks `peek()` as handed over. */
  take(): void {
    this.entries[this.next].sent = true;
    this.next++;
  }

  get inFlight(): number {
    return this.next;
  }

  /** A new connection has been handed nothing. */
  rewind(): void {
    this.next = 0;
  }

  /** Removes what `seq` covers whole; returns it. */
  acknowledge(seq: number): Entry[] {
    let count = 0;
    while (count < this.entries.length && this.entries[count].to <= seq) count++;
    const done = this.entries.splice(0, count);
    this.next = Math.max(0, this.next - count);
    for (const entry of done) if (entry.gap === null) this.acknowledged++;
    return done;
  }

  /** The first message that may still be dropped: none that the cloud may have. */
  oldestUnsent(): Entry | null {
    return this.entries.find((entry) => !entry.sent && entry.gap === null) ?? null;
  }

  /** The entry whose last seq is `seq`. */
  endingAt(seq: number): Entry | null {
    return this.entries.find((entry) => entry.to === seq) ?? null;
  }

  /** Puts `gap` in the place of all entries from `gap.seq` to `gap.to`; returns those. */
  replace(gap: Entry): Entry[] {
    const first = this.entries.findIndex((entry) => entry.seq >= gap.seq);
    const at = first < 0 ? this.entries.length : first;
    let count = 0;
    while (at + count < this.entries.length && this.entries[at + count].to <= gap.to) count++;
    const replaced = this.entries.splice(at, count, gap);
    // What was handed over and is now a gap must be handed over as that.
    if (this.next > at) this.next = at;
    for (const entry of replaced) if (entry.gap === null) this.dropped++;
    this.lastSeq = Math.max(this.lastSeq, gap.to);
    return replaced;
  }
}
