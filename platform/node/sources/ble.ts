import { AirherdError } from '../../../protocol/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AdvertisingReport, Radio, ScanOptions } from '../../ports/radio.ts';
import {
  type BleSighting,
  type CapturedFrame,
  lossesOf,
  type Source,
  type SourceCounts,
  type SourceWatcher,
} from '../../ports/source.ts';
import { asAirherdError, Recovery } from './recover.ts';

/** Reports that wait to be taken; what comes beyond that is dropped and counted. */
const MOST_WAITING = 8192;
/** Core Specification, volume 4, part E, 7.7.65.2: RSSI is not available. */
const NO_RSSI = 127;

export interface BleOptions {
  name: string;
  clock: Clock;
  scan: ScanOptions;
  /** A new one for each attempt. */
  radio(): Radio;
}

/** What a Bluetooth LE radio hears, each report as it came; a radio that is absent or pulled out is waited for. */
export class BleSource implements Source {
  readonly name: string;
  readonly timeRate = 1;
  private readonly options: BleOptions;
  private readonly recovery: Recovery;
  private waiting: BleSighting[] = [];
  private count = 0;
  private bytes = 0;
  private dropped = 0;
  private lost: AirherdError | null = null;
  private wake: () => void = () => undefined;

  constructor(options: BleOptions) {
    this.options = options;
    this.name = options.name;
    this.recovery = new Recovery(options.clock);
  }

  watch(watcher: SourceWatcher): void {
    this.recovery.watch(watcher);
  }

  counts(): SourceCounts {
    return { frames: this.count, bytes: this.bytes, ...lossesOf({ agent: this.dropped }) };
  }

  async *frames(): AsyncGenerator<CapturedFrame[]> {}

  async *advertisements(signal: AbortSignal): AsyncGenerator<BleSighting[]> {
    const onAbort = () => this.wake();
    signal.addEventListener('abort', onAbort, { once: true });
    while (!signal.aborted) {
      const radio = this.options.radio();
      this.lost = null;
      try {
        await radio.scan(this.options.scan, {
          listening: () => this.recovery.running(() => 0),
          heard: (report) => this.hear(report),
          lost: (why) =>
            this.lose(new AirherdError('source-interrupted', { source: this.name, detail: why })),
        });
        yield* this.batches(signal);
      } catch (error) {
        this.lost = asAirherdError(error);
      } finally {
        radio.stop();
      }
      if (!signal.aborted && this.lost !== null) await this.recovery.interrupted(this.lost, signal);
    }
  }

  private async *batches(signal: AbortSignal): AsyncGenerator<BleSighting[]> {
    while (!signal.aborted) {
      const batch = this.waiting;
      this.waiting = [];
      if (batch.length > 0) yield batch;
      if (this.waiting.length > 0) continue;
      if (this.lost !== null) return;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        if (signal.aborted || this.lost !== null) resolve();
      });
    }
  }

  private lose(error: AirherdError): void {
    this.lost = error;
    this.wake();
  }

  private hear({ address, isRandom, advertisingData, rssiDbm }: AdvertisingReport): void {
    if (this.waiting.length >= MOST_WAITING) {
      this.dropped++;
      return;
    }
    const timeNs = BigInt(Math.round(this.options.clock.wallMs())) * 1_000_000n;
    const heard = rssiDbm === NO_RSSI ? {} : { rssiDbm };
    this.waiting.push({ address, isRandom, advertisingData, ...heard, timeNs, number: ++this.count });
    this.bytes += advertisingData.length;
    this.wake();
  }
}
