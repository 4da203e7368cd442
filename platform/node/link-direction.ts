import type { Socket } from 'node:net';
import type { Clock, Timer } from '../ports/clock.ts';
import type { LinkConditions } from '../ports/link.ts';
import type { Random } from '../ports/random.ts';

/** So much of a connection waits in here; for the rest its sender waits. */
const QUEUE_BYTES = 16 * 1024;
/** One draw of the jitter is for so many bytes, however they are cut into chunks: a seed decides them. */
const JITTER_BLOCK_BYTES = 1024;
/** What a narrow link passes at once, in milliseconds of its bandwidth. */
const SLICE_MS = 20;
/** RFC 8446 5.1: type, version, length. */
const RECORD_HEADER_BYTES = 5;

interface Queued {
  atMs: number;
  /** Null ends the stream. */
  bytes: Buffer | null;
}

/** Where the bytes of a TLS connection are within its records. */
class RecordPosition {
  private headerBytes = 0;
  private length = 0;
  private left = 0;

  /** Index in `chunk` right after the `share` of the first record that begins in it; -1 when none does. */
  take(chunk: Buffer, share: number | null): number {
    for (let at = 0; at < chunk.length; ) {
      if (this.left > 0) {
        const step = Math.min(this.left, chunk.length - at);
        this.left -= step;
        at += step;
        continue;
      }
      this.headerBytes++;
      this.length = ((this.length << 8) | chunk[at++]) & 0xffff;
      if (this.headerBytes < RECORD_HEADER_BYTES) continue;
      this.headerBytes = 0;
      this.left = this.length;
      // At least one byte of it, and never the last.
      const part = Math.max(1, Math.min(this.length - 1, Math.floor(this.length * (share ?? 0))));
      if (share !== null && this.length > 1 && at + part <= chunk.length) return at + part;
    }
    return -1;
  }
}

/** One way of one connection: what is read from `from` is written to `to`, as late and as slowly as the link says. */
export class LinkDirection {
  private readonly from: Socket;
  private readonly to: Socket;
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly conditions: () => LinkConditions;
  private readonly bytesPerS: () => number;
  private readonly record = new RecordPosition();
  private readonly queue: Queued[] = [];
  private queuedBytes = 0;
  private passedBytes = 0;
  private jitterShare = 0;
  private lastAtMs = Number.NEGATIVE_INFINITY;
  private freeAtMs = Number.NEGATIVE_INFINITY;
  private timer: Timer | null = null;
  private isFull = false;
  private isStopped = false;
  private breakShare: number | null = null;
  private onBroken: () => void = () => {};

  constructor(options: {
    from: Socket;
    to: Socket;
    clock: Clock;
    random: Random;
    conditions(): LinkConditions;
    bytesPerS(): number;
  }) {
    const { from, to, clock, random } = options;
    this.from = from;
    this.to = to;
    this.clock = clock;
    this.random = random;
    this.conditions = options.conditions;
    this.bytesPerS = options.bytesPerS;
    from.on('data', (chunk: Buffer) => this.take(chunk));
    from.on('end', () => this.put(null, this.dueMs(0)));
    to.on('drain', () => {
      this.isFull = false;
      this.flow();
    });
  }

  /** Conditions have changed. */
  flow(): void {
    this.timer?.cancel();
    this.timer = null;
    if (this.isStopped || this.isFull || this.conditions().blackHole) {
      this.from.pause();
      return;
    }
    const nowMs = this.clock.monoMs();
    while (this.queue.length > 0 && this.queue[0].atMs <= nowMs && !this.isFull) this.pass();
    if (this.queue.length > 0 && !this.isFull) {
      this.timer = this.clock.timer(this.queue[0].atMs - nowMs, () => this.flow());
    }
    if (this.queuedBytes < QUEUE_BYTES && !this.isFull) this.from.resume();
    else this.from.pause();
  }

  /** Passes `share` of the next TLS record, then says so; nothing passes after it. */
  breakInRecord(share: number, onBroken: () => void): void {
    this.breakShare = share;
    this.onBroken = onBroken;
  }

  /** Nothing passes from now on. */
  stop(): void {
    this.isStopped = true;
    this.timer?.cancel();
    this.queue.length = 0;
  }

  private take(chunk: Buffer): void {
    if (this.isStopped) return;
    const broken = this.record.take(chunk, this.breakShare);
    if (broken >= 0) {
      for (const { bytes } of this.queue) if (bytes !== null) this.to.write(bytes);
      this.stop();
      this.to.write(chunk.subarray(0, broken), () => this.onBroken());
      return;
    }
    const perS = this.bytesPerS();
    const slice = Number.isFinite(perS) ? Math.max(1, Math.floor((perS * SLICE_MS) / 1000)) : chunk.length;
    for (let at = 0; at < chunk.length; at += slice) {
      const bytes = chunk.subarray(at, at + slice);
      this.put(bytes, this.dueMs(bytes.length));
    }
    this.flow();
  }

  private dueMs(length: number): number {
    const { delayMs, jitterMs } = this.conditions();
    const perS = this.bytesPerS();
    const nowMs = this.clock.monoMs();
    let sentMs = nowMs;
    if (Number.isFinite(perS)) {
      this.freeAtMs = Math.max(nowMs, this.freeAtMs) + (length / perS) * 1000;
      sentMs = this.freeAtMs;
    }
    const block = Math.floor(this.passedBytes / JITTER_BLOCK_BYTES);
    this.passedBytes += length;
    const blocks = Math.floor(this.passedBytes / JITTER_BLOCK_BYTES) - block;
    if (jitterMs > 0)
      for (let i = 0; i < blocks + (block === 0 ? 1 : 0); i++) this.jitterShare = this.random.float();
    // In whole milliseconds, as timers are: what is due between two of them would be of no known one.
    const waitMs = Math.round(sentMs - nowMs + delayMs + jitterMs * this.jitterShare);
    this.lastAtMs = Math.max(this.lastAtMs, nowMs + waitMs);
    return this.lastAtMs;
  }

  private put(bytes: Buffer | null, atMs: number): void {
    if (this.isStopped) return;
    this.queue.push({ atMs, bytes });
    this.queuedBytes += bytes?.length ?? 0;
    if (bytes === null) this.flow();
  }

  private pass(): void {
    const next = this.queue.shift();
    if (next === undefined) return;
    if (next.bytes === null) {
      this.to.end();
      return;
    }
    this.queuedBytes -= next.bytes.length;
    this.isFull = !this.to.write(next.bytes);
  }
}
