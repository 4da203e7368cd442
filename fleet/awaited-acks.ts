import type { UpStream } from '../protocol/topics.ts';
import type { Metrics } from './metrics/metrics.ts';

/** What was produced and is not acknowledged: first seq, and when each was wanted. */
interface Awaited {
  firstSeq: number;
  wantedAtMs: number[];
}

/** Of one boot: what waits for the cloud's `ack`, so that it can be said how long it waited. Times are monotonic. */
export class AwaitedAcks {
  private readonly metrics: Metrics;
  private readonly streams = new Map<UpStream, Awaited>();
  /** When commands came that are not answered; and which answers, by seq, are not stored. */
  private commands: number[] = [];
  private answers = new Map<number, number>();

  constructor(metrics: Metrics) {
    this.metrics = metrics;
  }

  commanded(atMs: number): void {
    this.commands.push(atMs);
  }

  produced(stream: UpStream, seq: number, wantedAtMs: number): void {
    const awaited = this.streams.get(stream);
    if (awaited && awaited.wantedAtMs.length > 0) awaited.wantedAtMs.push(wantedAtMs);
    else this.streams.set(stream, { firstSeq: seq, wantedAtMs: [wantedAtMs] });
    const commandedAtMs = stream === 'reply' ? this.commands.shift() : undefined;
    if (commandedAtMs !== undefined) this.answers.set(seq, commandedAtMs);
  }

  acknowledged(stream: UpStream, seq: number, nowMs: number): void {
    const awaited = this.streams.get(stream);
    if (awaited) {
      const done = awaited.wantedAtMs.splice(0, Math.max(0, seq - awaited.firstSeq + 1));
      awaited.firstSeq += done.length;
      for (const wantedAtMs of done) this.metrics.record('ack', nowMs - wantedAtMs);
    }
    if (stream !== 'reply') return;
    for (const [answer, commandedAtMs] of this.answers) {
      if (answer > seq) continue;
      this.metrics.record('command', nowMs - commandedAtMs);
      this.answers.delete(answer);
    }
  }
}
