import type { Clock, Timer } from '../../platform/ports/clock.ts';
import type { Configuration, ConfigurationState } from '../../protocol/messages/configuration.ts';
import type { DeviceConfiguration } from '../device-configuration.ts';
import type { Producer } from '../producer.ts';

/** How whoever runs the agent takes over what the cloud configured. */
export interface Configurable {
  configuration: DeviceConfiguration;
  /** Why these settings cannot be followed here, all of it; empty when they can. */
  problems(settings: Configuration['settings']): Promise<string[]>;
  /** Begins anew with the settings that `configuration` has now. */
  begin(): void;
}

export interface ConfigureOptions {
  /** Absent: this device takes no configuration. */
  configurable?: Configurable;
  producer: Producer;
  clock: Clock;
  onOutcome(version: number, state: ConfigurationState, problems: readonly string[]): void;
  /** A mistake of ours, or the agent is being stopped. */
  onFault(error: unknown): void;
}

/**
 * Takes configurations over, tells the cloud what became of them, and goes back to the one before when the cloud has
 * not stored within the confirm-timeout that the new one runs. Of this boot, whose agent runs with one of them.
 */
export class Configure {
  private readonly options: ConfigureOptions;
  private timer: Timer | null = null;
  /** Of the newest report; what the cloud has stored up to it is told by its `ack`. */
  private reportSeq: number | null = null;
  /** One change at a time, in the order in which they came. */
  private changes: Promise<void> = Promise.resolve();
  /** Another agent follows, with other settings: what comes now is for that one. */
  private ending = false;

  constructor(options: ConfigureOptions) {
    this.options = options;
  }

  /** For hello; absent where no configuration is taken. */
  get judged(): number | undefined {
    return this.options.configurable?.configuration.judged;
  }

  start(): void {
    const withinMs = this.options.configurable?.configuration.confirmWithinMs ?? null;
    if (withinMs === null) return;
    this.timer = this.options.clock.timer(withinMs, () => void this.rollBack());
  }

  /** Resolves when nothing changes any more. */
  stop(): Promise<void> {
    this.timer?.cancel();
    return this.changes;
  }

  /** In an open session, once it has said hello. */
  opened(claimed: boolean): Promise<void> {
    return this.inTurn(async ({ configuration, begin }) => {
      if (!claimed) {
        if (await configuration.forget()) this.beginAnew(begin);
      } else if (this.reportSeq === null) await this.report();
    });
  }

  take(wanted: Configuration): Promise<void> {
    return this.inTurn(async ({ configuration, problems, begin }) => {
      if (wanted.version === configuration.judged) return;
      // It came under the one that is not confirmed yet, so that one works.
      await configuration.confirm();
      const found = await configuration.take(wanted, await problems(wanted.settings));
      // What is applied says so when it has reached the cloud under its own settings.
      if (found.length === 0) this.beginAnew(begin);
      else await this.tell(configuration, 'refused', found);
    });
  }

  /** The cloud has stored what this boot sent, up to `seq`. */
  acknowledged(seq: number): Promise<void> {
    return this.inTurn(async ({ configuration }) => {
      if (this.reportSeq === null || seq < this.reportSeq) return;
      this.reportSeq = null;
      if (configuration.confirmWithinMs === null) return configuration.reported();
      this.timer?.cancel();
      await configuration.confirm();
      await this.tell(configuration, 'confirmed', []);
    });
  }

  private rollBack(): Promise<void> {
    return this.inTurn(async ({ configuration, begin }) => {
      if (configuration.confirmWithinMs === null) return;
      const why = 'the cloud was not reached within the confirm-timeout';
      await configuration.rollBack(why);
      this.options.onOutcome(configuration.judged, 'rolled-back', [why]);
      this.beginAnew(begin);
    });
  }

  private beginAnew(begin: () => void): void {
    this.ending = true;
    begin();
  }

  private tell(
    { judged }: DeviceConfiguration,
    state: ConfigurationState,
    problems: readonly string[],
  ): Promise<void> {
    this.options.onOutcome(judged, state, problems);
    return this.report();
  }

  private async report(): Promise<void> {
    const report = this.options.configurable?.configuration.report;
    if (!report) return;
    this.reportSeq = await this.options.producer.produce('configuration', { class: 'device', ...report });
  }

  private inTurn(change: (configurable: Configurable) => Promise<void>): Promise<void> {
    const { configurable } = this.options;
    if (configurable) {
      this.changes = this.changes
        .then(() => (this.ending ? undefined : change(configurable)))
        .catch(this.options.onFault);
    }
    return this.changes;
  }
}
