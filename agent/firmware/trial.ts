import type { Clock } from '../../platform/ports/clock.ts';
import type { AgentEvent } from '../options.ts';

export interface TrialOptions {
  clock: Clock;
  trialMs: number;
  /** Telemetry of this boot is stored by the cloud, so that the device has logged in as well. */
  onHealthy(): void;
  onOverdue(cause: string): void;
}

/** Judges a boot by what happens in it; once, one way or the other. */
export class Trial {
  private readonly options: TrialOptions;
  private readonly timer: { cancel(): void };
  private lastFailure = 'nothing happened';

  constructor(options: TrialOptions) {
    this.options = options;
    const { clock, trialMs } = options;
    this.timer = clock.timer(trialMs, () => {
      options.onOverdue(`no telemetry was acknowledged within ${trialMs / 1000} s (${this.lastFailure})`);
    });
  }

  see(event: AgentEvent): void {
    if (event.type === 'failure') this.lastFailure = `${event.error.code}: ${event.error.message}`;
    if (event.type === 'state' && event.state === 'open') this.lastFailure = 'it is logged in';
    if (event.type !== 'acknowledged' || event.stream !== 'stats') return;
    this.stop();
    this.options.onHealthy();
  }

  stop(): void {
    this.timer.cancel();
  }
}
