import type { Clock } from '../platform/ports/clock.ts';
import type { ClockQuality } from '../protocol/messages/envelope.ts';

export interface DeviceTimeOptions {
  /** No true time is before this: the build's, or one remembered from an earlier session. */
  notBeforeMs: number;
  /** Somebody vouches for the system clock (NTP with authentication, a lab). */
  trusted: boolean;
}

/**
 * The best time that a device has. A clock that wakes in 1970 or 2038 is corrected by the first cloud that
 * proved itself; from then on the monotonic clock carries that time, whatever the wall clock does.
 */
export class DeviceTime {
  private readonly clock: Clock;
  private readonly options: DeviceTimeOptions;
  private readonly bootMonoMs: number;
  private cloud: { timeMs: number; monoMs: number } | null = null;

  constructor(clock: Clock, options: DeviceTimeOptions) {
    this.clock = clock;
    this.options = options;
    this.bootMonoMs = clock.monoMs();
  }

  nowMs(): number {
    if (this.cloud) return Math.round(this.cloud.timeMs + this.clock.monoMs() - this.cloud.monoMs);
    return Math.max(0, Math.round(this.clock.wallMs()), this.options.notBeforeMs);
  }

  /** Monotonic, of the clock itself. */
  monoMs(): number {
    return this.clock.monoMs();
  }

  sinceBootMs(): number {
    return Math.round(this.clock.monoMs() - this.bootMonoMs);
  }

  get quality(): ClockQuality {
    if (this.cloud) return 'cloud';
    return this.clock.wallMs() < this.options.notBeforeMs ? 'unknown' : 'system';
  }

  /** Whether a certificate's period may be judged by `nowMs` for good. */
  get knownGood(): boolean {
    return this.cloud !== null || this.options.trusted;
  }

  /** Only for a time that came after the factory-key proof. */
  learn(timeMs: number): void {
    this.cloud = { timeMs, monoMs: this.clock.monoMs() };
  }
}
