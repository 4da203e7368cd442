/**
 * What the device has produced and the cloud has not yet stored. Bounded; a message leaves only when the
 * cloud's `ack` covers it, or when its stream's policy drops it, and then a gap goes in its place:
 * produced = acknowledged + pending + dropped, per stream, always.
 */
import { unlessAborted } from '../../platform/ports/abort.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import { sleep } from '../../platform/ports/clock.ts';
import type { PrivacyClass } from '../../protocol/privacy.ts';
import { UP_STREAMS, type UpStream } from '../../protocol/topics.ts';
import { type EncodeGap, type EncodeMessage, type Entry, fullPolicy, type GapReason } from './entry.ts';
import type { Journal } from './journal.ts';
import { StreamQueue } from './queue.ts';
import type { SegmentKey } from './segment.ts';

/** What an entry costs beside its bytes. */
const ENTRY_OVERHEAD_BYTES = 64;
const FULL_DISK_RETRY_MS = 1_000;

export interface StreamLedger {
  stream: UpStream;
  produced: number;
  acknowledged: number;
  pending: number;
  dropped: number;
}

export interface OutboxOptions {
  clock: Clock;
  bootId: Buffer;
  limitBytes: number;
  encodeGap: EncodeGap;
  /** Absent: what is pending dies with the process. */
  journal?: Journal;
  /** The disk refused a write; the message is held back and tried again. */
  onDiskFault?(error: unknown): void;
}

const cost = (entry: Entry): number => entry.bytes.length + ENTRY_OVERHEAD_BYTES;

export class Outbox {
  /** 32 hexadecimal digits, fresh at each start. */
  readonly boot: string;
  /** Writes that the disk refused. */
  diskFaults = 0;
  /** Times that a message had to wait for room. */
  heldBack = 0;
  private readonly options: OutboxOptions;
  /** Of the streams that have had a message: by boot and stream. */
  private readonly queues = new Map<string, StreamQueue>();
  /** Resolves at the next change; made when first waited for. */
  private change: Promise<void> | null = null;
  private announce: () => void = () => {};
  private readonly listeners = new Set<() => void>();
  private usedBytes = 0;
  /** Appends run one after the other, so that seqs, memory and disk have one order. */
  private tail: Promise<unknown> = Promise.resolve();
  private turn = 0;

  constructor(options: OutboxOptions) {
    this.options = options;
    this.boot = options.bootId.toString('hex');
  }

  /** Takes over what earlier boots left. Returns how many messages that is. */
  async open(): Promise<number> {
    const { journal } = this.options;
    if (!journal) return 0;
    const { entries, lost } = await journal.recover();
    for (const entry of entries) this.insert(this.queue(entry.boot, entry.stream), entry);
    for (const { boot, stream, seq, to } of lost) {
      await this.putGap(this.queue(boot, stream), seq, to, 'lost-at-power-cut');
    }
    return entries.length;
  }

  get bootId(): Buffer {
    return this.options.bootId;
  }

  get bytes(): number {
    return this.usedBytes;
  }

  get limitBytes(): number {
    return this.options.limitBytes;
  }

  /**
   * Produces one message. Resolves to its seq when it is in the outbox (on disk: written), after waiting for
   * room where the stream's policy is to hold back. Rejects only with the signal's reason.
   */
  append(
    stream: UpStream,
    privacyClass: PrivacyClass,
    encode: EncodeMessage,
    signal?: AbortSignal,
  ): Promise<number> {
    return this.appendWhenPossible(this.queue(this.boot, stream), privacyClass, encode, signal);
  }

  /** The next message for this connection among streams that `may` go; round robin over the queues. */
  nextToSend(may: (entry: Entry) => boolean): Entry | null {
    const queues = [...this.queues.values()];
    for (let i = 0; i < queues.length; i++) {
      const queue = queues[(this.turn + i) % queues.length];
      const entry = queue.peek();
      if (!entry || !may(entry)) continue;
      queue.take();
      this.turn = (this.turn + i + 1) % queues.length;
      return entry;
    }
    return null;
  }

  /** Handed to this connection and not acknowledged. */
  get inFlight(): number {
    let count = 0;
    for (const queue of this.queues.values()) count += queue.inFlight;
    return count;
  }

  get pending(): number {
    let count = 0;
    for (const queue of this.queues.values()) count += queue.size;
    return count;
  }

  /** A new connection: all that is not acknowledged is to be sent again. */
  rewind(): void {
    for (const queue of this.queues.values()) queue.rewind();
  }

  /** The cloud's store holds this boot's stream up to `seq`. What it cannot know of is ignored. */
  async acknowledge(bootId: Uint8Array, stream: UpStream, seq: number): Promise<void> {
    const boot = Buffer.from(bootId).toString('hex');
    const queue = this.queues.get(`${boot}/${stream}`);
    // Of an earlier boot the cloud may know more than the disk; of this one it cannot.
    if (!queue || (boot === this.boot && seq > queue.lastSeq)) return;
    const done = queue.acknowledge(seq);
    if (done.length === 0) return;
    for (const entry of done) this.usedBytes -= cost(entry);
    if (queue.size === 0 && boot !== this.boot) this.queues.delete(`${boot}/${stream}`);
    this.wake();
    await this.options.journal?.acknowledge(boot, stream, seq, done).catch((error) => this.diskFault(error));
  }

  /** Replaces what may no longer leave by gaps. */
  async dropClasses(mayLeave: (privacyClass: PrivacyClass) => boolean): Promise<void> {
    await this.dropWhere((entry) => !mayLeave(entry.class));
  }

  /** Replaces messages whose bytes `matches` picks by gaps; returns how many. */
  dropMatching(matches: (bytes: Buffer) => boolean): Promise<number> {
    return this.dropWhere((entry) => matches(entry.bytes));
  }

  /** Replaces all messages of a stream by gaps; returns how many. */
  dropStream(stream: UpStream): Promise<number> {
    return this.dropWhere((entry) => entry.stream === stream);
  }

  /** What was dropped or delivered is on no disk any more. */
  async rewrite(): Promise<void> {
    await this.options.journal?.rewrite().catch((error) => this.diskFault(error));
  }

  private async dropWhere(isForbidden: (entry: Entry) => boolean): Promise<number> {
    let dropped = 0;
    await this.exclusively(async () => {
      for (const queue of this.queues.values()) {
        for (const { seq, to } of runs(queue.all(), (entry) => entry.gap === null && isForbidden(entry))) {
          await this.putGap(queue, seq, to, 'privacy');
          dropped += to - seq + 1;
        }
      }
    });
    this.wake();
    return dropped;
  }

  /**
   * Another store is sent to from now on: for each stream, what was acknowledged before is told to it as a gap,
   * so that what follows is contiguous there too. These gaps are not kept on the disk.
   */
  async movedElsewhere(isMoved: (boot: string) => boolean): Promise<void> {
    await this.exclusively(async () => {
      for (const queue of this.queues.values()) {
        const to = queue.acknowledgedTo;
        if (to === 0 || !isMoved(queue.boot)) continue;
        const { boot, stream } = queue;
        const reason: GapReason = 'stored-elsewhere';
        const bytes = this.options.encodeGap({ boot, stream, seq: 1, to, reason });
        const gap: Entry = {
          boot,
          stream,
          seq: 1,
          to,
          gap: reason,
          class: 'device',
          bytes,
          sent: false,
          segment: 0,
        };
        queue.replace(gap);
        this.usedBytes += cost(gap);
      }
    });
    this.wake();
  }

  /** What the cloud will never take. */
  async dropUnsendable(entry: Entry): Promise<void> {
    await this.exclusively(() =>
      this.putGap(this.queue(entry.boot, entry.stream), entry.seq, entry.to, 'unsendable'),
    );
    this.wake();
  }

  /** Per stream, of this boot. */
  ledger(): StreamLedger[] {
    return UP_STREAMS.map((stream) => {
      const queue = this.queues.get(`${this.boot}/${stream}`);
      if (!queue) return { stream, produced: 0, acknowledged: 0, pending: 0, dropped: 0 };
      const { lastSeq: produced, acknowledged, pending, dropped } = queue;
      return { stream, produced, acknowledged, pending, dropped };
    });
  }

  /** Calls `listener` whenever there may be something new to send; returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves when nothing is pending. */
  async whenEmpty(): Promise<void> {
    while (this.pending > 0) await this.nextChange();
  }

  /** From now on; what is sealed already stays as it is. */
  sealWith(key: SegmentKey): void {
    this.options.journal?.sealWith(key);
  }

  /** Whether something on the disk is sealed with the key of this generation, or cannot be read. */
  isSealedWith(generation: number): boolean {
    return this.options.journal?.isSealedWith(generation) ?? false;
  }

  /** Waits for appends under way, and writes all to the disk. */
  async close(): Promise<void> {
    await this.tail;
    await this.options.journal?.close().catch((error) => this.diskFault(error));
  }

  private async appendWhenPossible(
    queue: StreamQueue,
    privacyClass: PrivacyClass,
    encode: EncodeMessage,
    signal?: AbortSignal,
  ): Promise<number> {
    for (;;) {
      signal?.throwIfAborted();
      // Waiting is done outside the turn: a message that is held back must not hold the session's own back.
      const change = this.nextChange();
      try {
        const seq = await this.exclusively(() => this.tryAppend(queue, privacyClass, encode));
        if (seq !== null) return seq;
        this.heldBack++;
        await unlessAborted(change, signal);
      } catch (error) {
        signal?.throwIfAborted();
        // A full disk: nothing was produced; the message waits until the disk takes it.
        this.diskFault(error);
        await sleep(this.options.clock, FULL_DISK_RETRY_MS, signal);
      }
    }
  }

  /** One try, with the outbox to itself. Null when the message must wait for room. */
  private async tryAppend(
    queue: StreamQueue,
    privacyClass: PrivacyClass,
    encode: EncodeMessage,
  ): Promise<number | null> {
    const { boot, stream } = queue;
    const seq = queue.lastSeq + 1;
    const bytes = encode(seq);
    const need = bytes.length + ENTRY_OVERHEAD_BYTES;
    // It would never fit: produced, and dropped at once.
    if (need > this.options.limitBytes) return this.produceDropped(queue, seq, 'unsendable');
    const policy = fullPolicy(stream);
    while (this.usedBytes + need > this.options.limitBytes && policy !== 'exempt') {
      if (policy === 'hold-back') return null;
      const oldest = queue.oldestUnsent();
      if (!oldest) return this.produceDropped(queue, seq, 'outbox-full');
      await this.putGap(queue, oldest.seq, oldest.to, 'outbox-full');
    }
    const entry: Entry = {
      boot,
      stream,
      seq,
      to: seq,
      gap: null,
      class: privacyClass,
      bytes,
      sent: false,
      segment: 0,
    };
    await this.options.journal?.append(entry);
    this.insert(queue, entry);
    this.wake();
    return seq;
  }

  private async produceDropped(queue: StreamQueue, seq: number, reason: GapReason): Promise<number> {
    await this.putGap(queue, seq, seq, reason);
    queue.dropped++;
    return seq;
  }

  private async putGap(queue: StreamQueue, seq: number, to: number, reason: GapReason): Promise<void> {
    const { boot, stream } = queue;
    // Unsent gaps next to each other, of one reason, become one.
    const before = queue.endingAt(seq - 1);
    const from = before?.gap === reason && !before.sent ? before.seq : seq;
    const gap: Entry = {
      boot,
      stream,
      seq: from,
      to,
      gap: reason,
      class: 'device',
      bytes: this.options.encodeGap({ boot, stream, seq: from, to, reason }),
      sent: false,
      segment: 0,
    };
    // A gap that the disk refuses is still sent; after a restart the messages that it stood for are sent.
    await this.options.journal?.append(gap).catch((error) => this.diskFault(error));
    const replaced = queue.replace(gap);
    for (const entry of replaced) this.usedBytes -= cost(entry);
    this.usedBytes += cost(gap);
    this.options.journal?.release(replaced);
    this.wake();
  }

  private diskFault(error: unknown): void {
    this.diskFaults++;
    this.options.onDiskFault?.(error);
  }

  private insert(queue: StreamQueue, entry: Entry): void {
    queue.push(entry);
    this.usedBytes += cost(entry);
  }

  private queue(boot: string, stream: UpStream): StreamQueue {
    const key = `${boot}/${stream}`;
    let queue = this.queues.get(key);
    if (!queue) {
      queue = new StreamQueue(boot, stream);
      this.queues.set(key, queue);
    }
    return queue;
  }

  private exclusively<T>(run: () => Promise<T>): Promise<T> {
    const result = this.tail.then(run);
    this.tail = result.catch(() => {});
    return result;
  }

  private wake(): void {
    for (const listener of this.listeners) listener();
    this.change = null;
    this.announce();
  }

  private nextChange(): Promise<void> {
    this.change ??= new Promise((resolve) => {
      this.announce = resolve;
    });
    return this.change;
  }
}

/** Neighbouring entries that `matches` picks, as ranges of seqs. */
function runs(entries: readonly Entry[], matches: (entry: Entry) => boolean): { seq: number; to: number }[] {
  const found: { seq: number; to: number }[] = [];
  let open: { seq: number; to: number } | null = null;
  for (const entry of entries) {
    if (!matches(entry)) open = null;
    else if (open) open.to = entry.to;
    else {
      open = { seq: entry.seq, to: entry.to };
      found.push(open);
    }
  }
  return found;
}
