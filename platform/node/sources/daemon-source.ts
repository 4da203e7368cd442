import { type Clock, sleep } from '../../ports/clock.ts';
import type { Finding } from '../../ports/finding.ts';
import type { CapturedFrame, Source, SourceCounts, SourceWatcher } from '../../ports/source.ts';
import { asAirherdError, Recovery } from './recover.ts';

/** What a daemon says, until it stops saying it (throws an AirherdError) or `signal` aborts. */
export type Inquiry = (signal: AbortSignal) => AsyncIterable<Finding[]>;

/** A daemon or the kernel as a source: it may restart, be absent, or come later; it is asked again. */
export class DaemonSource implements Source {
  readonly name: string;
  readonly timeRate = 1;
  private readonly inquire: Inquiry;
  private readonly recovery: Recovery;
  private findingCount = 0;
  private failures = 0;

  constructor(name: string, clock: Clock, inquire: Inquiry) {
    this.name = name;
    this.inquire = inquire;
    this.recovery = new Recovery(clock);
  }

  watch(watcher: SourceWatcher): void {
    this.recovery.watch(watcher);
  }

  /** Findings count as frames; an answer that did not come is one dropped. */
  counts(): SourceCounts {
    return { frames: this.findingCount, bytes: 0, dropped: this.failures };
  }

  async *frames(): AsyncGenerator<CapturedFrame[]> {}

  async *findings(signal: AbortSignal): AsyncGenerator<Finding[]> {
    while (!signal.aborted) {
      const before = this.failures;
      try {
        for await (const findings of this.inquire(signal)) {
          this.recovery.running(() => this.failures - before);
          this.findingCount += findings.length;
          if (findings.length > 0) yield findings;
          if (signal.aborted) return;
        }
      } catch (error) {
        if (signal.aborted) return;
        this.failures++;
        await this.recovery.interrupted(asAirherdError(error), signal);
      }
    }
  }
}

/** Asks every `periodMs`, and at once when `nudge` says so. */
export async function* polled(
  clock: Clock,
  periodMs: number,
  signal: AbortSignal,
  ask: () => Promise<Finding[]>,
): AsyncGenerator<Finding[]> {
  while (!signal.aborted) {
    yield await ask();
    await sleep(clock, periodMs, signal).catch(() => undefined);
  }
}

/** Asks when a line comes from a program that follows events, and at least every `periodMs`; ends with the program. */
export async function* askedByEvents(
  clock: Clock,
  periodMs: number,
  signal: AbortSignal,
  events: EventLines,
  ask: (lines: string[]) => Promise<Finding[]>,
): AsyncGenerator<Finding[]> {
  let lines: string[] = [];
  while (!signal.aborted) {
    yield await ask(lines);
    const woken = new AbortController();
    const onAbort = () => woken.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    await Promise.race([events.some(), sleep(clock, periodMs, woken.signal).catch(() => undefined)]);
    signal.removeEventListener('abort', onAbort);
    woken.abort();
    if (signal.aborted) return;
    lines = events.take();
    if (lines.length === 0 && events.fault !== null) throw events.fault;
  }
}

/** Lines of a program that follows events; bounded, the oldest go. */
export interface EventLines {
  /** Resolves when there are lines, or the program has ended. */
  some(): Promise<void>;
  take(): string[];
  readonly fault: Error | null;
}
