import type { Clock } from '../../platform/ports/clock.ts';
import type { SourceCounts } from '../../platform/ports/source.ts';
import type { DeviceTime } from '../device-time.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Producer } from '../producer.ts';

export type SourceState = 'running' | 'ended' | 'failed';

export interface SourceReport extends SourceCounts {
  name: string;
  state: SourceState;
}

/** What header-only slicing did since boot. */
export interface SlicingTotals {
  frames: number;
  bytesSeen: number;
  bytesKept: number;
  bytesCut: number;
  faults: number;
}

/** Failures of clients since boot. */
export interface CaptureTotals {
  /** Captures that were shipped. */
  dynamic: number;
  /** Failures that the rate limit kept from becoming captures. */
  suppressed: number;
}

export interface StatsOptions {
  clock: Clock;
  time: DeviceTime;
  outbox: Outbox;
  producer: Producer;
  periodMs: number;
  sources(): SourceReport[];
  slicing(): SlicingTotals;
  captures(): CaptureTotals;
  /** Of the process; shared by virtual devices in one. */
  usage(): { memoryBytes: number; cpuMs: number };
}

const MAX_SOURCES = 64;

/** Reports the device's own health every period, and when asked to. */
export function startStats(options: StatsOptions): { report(): Promise<void>; stop(): void } {
  const { clock, outbox, producer, time } = options;
  let reporting: Promise<void> | null = null;
  const report = async () => {
    await producer.produce('stats', {
      class: 'device',
      uptimeMs: time.sinceBootMs(),
      ...options.usage(),
      outboxBytes: outbox.bytes,
      ledger: outbox.ledger(),
      sources: options.sources().slice(0, MAX_SOURCES),
      slicing: options.slicing(),
      captures: options.captures(),
    });
  };
  // A report that is held back by a full outbox is the last for as long as that takes.
  const reportUnlessHeld = (): Promise<void> => {
    reporting ??= report()
      .catch(() => {})
      .finally(() => {
        reporting = null;
      });
    return reporting;
  };
  const timer = clock.every(options.periodMs, () => void reportUnlessHeld());
  return { report: reportUnlessHeld, stop: () => timer.cancel() };
}
