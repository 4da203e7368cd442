import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { CaptureReader } from '../../../packets/pcap/reader.ts';
import type { Clock } from '../../ports/clock.ts';
import {
  type CapturedFrame,
  DROPPERS,
  type Drops,
  lossesOf,
  type Source,
  type SourceCounts,
  type SourceWatcher,
} from '../../ports/source.ts';
import { BATCH_FRAMES, takeFrames } from '../capture-file.ts';
import {
  availableTool,
  type CaptureTool,
  type CaptureWish,
  captureFault,
  captureWords,
  readCounts,
} from './capture-helper.ts';
import { type Child, startChild } from './child.ts';
import { Recovery } from './recover.ts';

/** tcpdump tells its counts when it is asked to; dumpcap only at its end. */
const ASK_PERIOD_MS = 5000;

export interface LiveCaptureOptions extends Partial<CaptureWish> {
  interfaceName: string;
  /** Absent: dumpcap where it is installed, else tcpdump. */
  tool?: CaptureTool;
  clock: Clock;
}

/**
 * A live interface, by a helper that may capture while we may not. An interface that is unplugged, a helper that is
 * killed or that lacks a privilege: each is told once, and the capture goes on by itself when it can. What was missed
 * in between is counted by the interface's own counters.
 */
export class LiveCapture implements Source {
  readonly name: string;
  readonly timeRate = 1;
  private readonly wish: CaptureWish;
  private readonly asked: CaptureTool | undefined;
  private readonly clock: Clock;
  private readonly recovery: Recovery;
  private frameCount = 0;
  private byteCount = 0;
  /** Counted by helpers that have ended, and by the one that runs. */
  private droppedBefore: Drops = {};
  private droppedNow: Drops = {};
  private helper: Child | null = null;

  constructor({ interfaceName, tool, clock, snapLength = 0, filter, bufferMib = 64 }: LiveCaptureOptions) {
    this.name = `${tool ?? 'live'}:${interfaceName}`;
    this.asked = tool;
    this.wish = { interfaceName, snapLength, filter, bufferMib };
    this.clock = clock;
    this.recovery = new Recovery(clock);
  }

  watch(watcher: SourceWatcher): void {
    this.recovery.watch(watcher);
  }

  counts(): SourceCounts {
    const drops = lossesOf(sum(this.droppedBefore, this.droppedNow));
    return { frames: this.frameCount, bytes: this.byteCount, ...drops };
  }

  /** Process of the helper that runs now. */
  get helperPid(): number | undefined {
    return this.helper?.pid;
  }

  async *frames(signal: AbortSignal): AsyncGenerator<CapturedFrame[]> {
    while (!signal.aborted) {
      const tool = this.asked ?? availableTool();
      const before = trafficOf(this.wish.interfaceName);
      const framesBefore = this.frameCount;
      const helper = startChild(tool, captureWords(tool, this.wish));
      this.helper = helper;
      const stop = () => helper.kill('SIGINT');
      signal.addEventListener('abort', stop, { once: true });
      const asking = tool === 'tcpdump' ? this.clock.every(ASK_PERIOD_MS, () => this.ask(helper)) : null;
      try {
        yield* this.read(helper.stdout);
      } finally {
        asking?.cancel();
        signal.removeEventListener('abort', stop);
        // dumpcap and tcpdump say what they dropped when they are interrupted, and not when they are terminated.
        const end = await helper.stop('SIGINT');
        const drops = readCounts(end.said)?.dropped ?? {};
        this.helper = null;
        this.droppedNow = {};
        this.droppedBefore = sum(this.droppedBefore, drops);
        // What the kernel counts beyond this was missed.
        this.gap ??= { traffic: before, frames: this.frameCount - framesBefore + lossesOf(drops).dropped };
      }
      if (signal.aborted) return;
      const end = await helper.end;
      await this.recovery.interrupted(captureFault(tool, this.wish, end), signal);
    }
  }

  private gap: { traffic: number | null; frames: number } | null = null;

  /** Frames that went by since the helper before was started, without those that it gave. */
  private missed(): number {
    const now = trafficOf(this.wish.interfaceName);
    const { gap } = this;
    this.gap = null;
    // With a filter nobody knows how many would have passed it.
    if (gap === null || now === null || this.wish.filter !== undefined) return 0;
    // An interface that came back counts from zero.
    const passed = gap.traffic === null || now < gap.traffic ? 0 : now - gap.traffic - gap.frames;
    const missed = Math.max(0, passed);
    this.droppedBefore = sum(this.droppedBefore, { missed });
    return missed;
  }

  private ask(helper: Child): void {
    helper.kill('SIGUSR1');
    this.droppedNow = readCounts(helper.said())?.dropped ?? this.droppedNow;
  }

  private async *read(stdout: Readable): AsyncGenerator<CapturedFrame[]> {
    const reader = new CaptureReader();
    const before = this.frameCount;
    let opened = false;
    for await (const piece of stdout) {
      const chunk = new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
      reader.feed(chunk);
      for (;;) {
        const taken = takeFrames(reader, chunk, this.wish.interfaceName, before);
        this.frameCount += taken.frames.length;
        this.byteCount += taken.bytes;
        // The head of the capture is written when the interface is open.
        if (!opened) {
          opened = true;
          this.recovery.running(() => this.missed());
        }
        if (taken.frames.length > 0) yield taken.frames;
        if (taken.frames.length < BATCH_FRAMES) break;
      }
      if (reader.fault !== null) return;
    }
  }
}

function sum(one: Drops, other: Drops): Drops {
  const all: Drops = {};
  for (const by of DROPPERS) {
    if (one[by] !== undefined || other[by] !== undefined) all[by] = (one[by] ?? 0) + (other[by] ?? 0);
  }
  return all;
}

/** Packets that an interface has received and sent, by the kernel's count; null where there is none. */
function trafficOf(interfaceName: string): number | null {
  try {
    const read = (counter: string) =>
      Number(readFileSync(`/sys/class/net/${interfaceName}/statistics/${counter}`, 'utf8'));
    return read('rx_packets') + read('tx_packets');
  } catch {
    return null;
  }
}
