import type { Clock, Timer } from '../../platform/ports/clock.ts';
import type { FileStore } from '../../platform/ports/files.ts';
import type { Random } from '../../platform/ports/random.ts';
import type { UpStream } from '../../protocol/topics.ts';
import type { Entry, GapRange } from './entry.ts';
import { type Recovered, replay } from './replay.ts';
import { readSegment, SALT_BYTES, type SegmentKey, type SegmentRecord, SegmentSealer } from './segment.ts';

const NAME = /^outbox-(\d{10})\.log$/;
const nameOf = (segment: number): string => `outbox-${String(segment).padStart(10, '0')}.log`;

export interface JournalOptions {
  files: FileStore;
  clock: Clock;
  random: Random;
  /** The first seals; the others, of before a factory-key rotation, still open. */
  keys: readonly [SegmentKey, ...SegmentKey[]];
  segmentBytes: number;
  /** At this size on the disk, what is pending in the oldest segment is written anew and the segment removed. */
  compactBytes: number;
  /** 0 syncs each message; otherwise a power cut may lose this much. */
  fsyncMs: number;
  onFault(error: unknown): void;
  /** A file that is no segment, or of an unknown key: left alone. */
  onUnreadable(name: string): void;
}

interface Segment {
  number: number;
  /** Of the key that sealed it. */
  generation: number;
  bytes: number;
  live: Set<Entry>;
}

/** Append-only files from which the outbox comes back after `kill -9` whole, and after a power cut nearly so. */
export class Journal {
  private readonly options: JournalOptions;
  private keys: readonly [SegmentKey, ...SegmentKey[]];
  private readonly segments = new Map<number, Segment>();
  /** Files that were left alone: no key may be thought of as done with. */
  private unreadable = 0;
  private current: { segment: Segment; sealer: SegmentSealer } | null = null;
  private lastNumber = 0;
  private tail: Promise<unknown> = Promise.resolve();
  private dirty = false;
  private syncTimer: Timer | null = null;

  constructor(options: JournalOptions) {
    this.options = options;
    this.keys = options.keys;
  }

  /** What earlier boots left pending, and what is known to be lost of theirs. Call once, first. */
  async recover(): Promise<Recovered> {
    const { keys } = this;
    const { files } = this.options;
    const records: { segment: number; record: SegmentRecord }[] = [];
    const damaged: GapRange[] = [];
    for (const name of await files.list()) {
      const match = NAME.exec(name);
      if (!match) continue;
      const number = Number(match[1]);
      this.lastNumber = Math.max(this.lastNumber, number);
      const bytes = await files.read(name);
      const contents = readSegment(bytes, (generation) => keys.find((k) => k.generation === generation)?.key);
      if (!contents) {
        // A head cut short by a power cut held nothing yet.
        if (bytes.length < SALT_BYTES) await files.remove(name);
        else {
          this.unreadable++;
          this.options.onUnreadable(name);
        }
        continue;
      }
      this.segments.set(number, {
        number,
        generation: contents.generation,
        bytes: bytes.length,
        live: new Set(),
      });
      for (const record of contents.records) records.push({ segment: number, record });
      damaged.push(...contents.damaged.filter((frame) => frame.type === 'data'));
    }
    const recovered = replay(records, damaged);
    for (const entry of recovered.entries) this.segments.get(entry.segment)?.live.add(entry);
    await this.exclusively(() => this.removeDrained());
    return recovered;
  }

  /** Resolves when the entry is written (and synced, if each message is). Rejects when the disk refuses. */
  append(entry: Entry): Promise<void> {
    return this.exclusively(async () => {
      await this.compact();
      await this.write(entry);
    });
  }

  /** Remembers an `ack`, so that a restart does not send again what is stored; frees what it can. */
  acknowledge(boot: string, stream: UpStream, seq: number, done: readonly Entry[]): Promise<void> {
    return this.exclusively(async () => {
      for (const entry of done) this.segments.get(entry.segment)?.live.delete(entry);
      await this.removeDrained();
      // Nothing is left on the disk that the record could be about.
      if (this.segments.size === 0) return;
      const bytes = Buffer.alloc(0);
      await this.writeRecord({ type: 'ack', boot, stream, seq, to: seq, class: 'device', gap: null, bytes });
    });
  }

  /** These are superseded by a gap that was appended. */
  release(entries: readonly Entry[]): void {
    void this.exclusively(async () => {
      for (const entry of entries) this.segments.get(entry.segment)?.live.delete(entry);
      await this.removeDrained();
    }).catch(this.options.onFault);
  }

  /** Seals with `key` from the next message on. */
  sealWith(key: SegmentKey): void {
    this.keys = [key, ...this.keys];
    void this.exclusively(() => this.retire()).catch(this.options.onFault);
  }

  isSealedWith(generation: number): boolean {
    if (this.unreadable > 0) return true;
    return [...this.segments.values()].some((segment) => segment.generation === generation);
  }

  /** Bytes on the disk. */
  get bytes(): number {
    let total = 0;
    for (const segment of this.segments.values()) total += segment.bytes;
    return total;
  }

  async close(): Promise<void> {
    this.syncTimer?.cancel();
    this.syncTimer = null;
    await this.exclusively(() => this.sync());
  }

  private async write(entry: Entry): Promise<void> {
    await this.writeRecord({ ...entry, type: entry.gap === null ? 'data' : 'gap' });
    const segment = this.current!.segment;
    entry.segment = segment.number;
    segment.live.add(entry);
  }

  private async writeRecord(record: SegmentRecord): Promise<void> {
    const { files, segmentBytes, fsyncMs } = this.options;
    if (this.current && this.current.segment.bytes >= segmentBytes) await this.retire();
    const { segment, sealer } = this.current ?? this.begin();
    const frame = sealer.seal(record);
    const bytes = segment.bytes === 0 ? Buffer.concat([sealer.head, frame]) : frame;
    const name = nameOf(segment.number);
    try {
      await files.append(name, bytes);
    } catch (error) {
      // What was half written is cut off. The segment is not written to again: a counter, used twice, would
      // give the key away.
      this.current = null;
      await files.truncate(name, segment.bytes).catch(this.options.onFault);
      await this.removeDrained();
      throw error;
    }
    segment.bytes += bytes.length;
    this.dirty = true;
    if (fsyncMs === 0) await this.sync();
    else this.syncTimer ??= this.options.clock.timer(fsyncMs, () => this.syncLater());
  }

  private begin(): { segment: Segment; sealer: SegmentSealer } {
    const [key] = this.keys;
    const { generation } = key;
    const segment: Segment = { number: ++this.lastNumber, generation, bytes: 0, live: new Set() };
    const sealer = new SegmentSealer(key, this.options.random.bytes(SALT_BYTES));
    this.segments.set(segment.number, segment);
    this.current = { segment, sealer };
    return this.current;
  }

  private async retire(): Promise<void> {
    await this.sync();
    this.current = null;
    await this.removeDrained();
  }

  private async removeDrained(): Promise<void> {
    for (const segment of [...this.segments.values()]) {
      if (segment.live.size > 0 || segment === this.current?.segment) continue;
      await this.options.files.remove(nameOf(segment.number));
      this.segments.delete(segment.number);
    }
  }

  private async compact(): Promise<void> {
    const [oldest] = this.segments.values();
    if (!oldest || oldest === this.current?.segment || this.bytes < this.options.compactBytes) return;
    for (const entry of [...oldest.live]) {
      await this.write(entry);
      oldest.live.delete(entry);
    }
    await this.removeDrained();
  }

  /** Writes what is live anew and removes all older files: what was dropped or delivered is in none of them then. */
  rewrite(): Promise<void> {
    return this.exclusively(async () => {
      await this.retire();
      for (const segment of [...this.segments.values()]) {
        for (const entry of [...segment.live]) {
          await this.write(entry);
          segment.live.delete(entry);
        }
      }
      await this.sync();
      await this.removeDrained();
    });
  }

  private async sync(): Promise<void> {
    if (!this.dirty || !this.current) return;
    this.dirty = false;
    await this.options.files.sync(nameOf(this.current.segment.number));
  }

  private syncLater(): void {
    this.syncTimer = null;
    void this.exclusively(() => this.sync()).catch(this.options.onFault);
  }

  private exclusively<T>(run: () => Promise<T>): Promise<T> {
    const result = this.tail.then(run);
    this.tail = result.catch(() => {});
    return result;
  }
}
