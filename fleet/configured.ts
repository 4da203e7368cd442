/** What the cloud configured on one device of a fleet, over the run's settings. */
import {
  type AgentConfig,
  type AgentOptions,
  DeviceConfiguration,
  parseConfig,
  sectionsOver,
  simulatedProblems,
} from '../agent/index.ts';
import type { Clock } from '../platform/ports/clock.ts';
import type { DeviceSettings } from '../protocol/messages/configuration.ts';

const NO_OTHER_TARGET = 'cloud.url: the link of this device is simulated, and leads to the target of its run';

export class Configured {
  private readonly configuration: DeviceConfiguration;
  private readonly run: AgentConfig;
  private readonly hasLink: boolean;

  /** @param hasLink its connections go by way of something that can fail, and only to the run's target */
  constructor(run: AgentConfig, clock: Clock, hasLink: boolean) {
    this.run = run;
    this.hasLink = hasLink;
    this.configuration = new DeviceConfiguration(null, clock);
  }

  /** All devices to which nothing was configured have the run's own. */
  get config(): AgentConfig {
    const { settings } = this.configuration;
    return Object.keys(settings).length === 0 ? this.run : this.over(settings);
  }

  /** For the agent that runs now. */
  configurable(begin: () => void): NonNullable<AgentOptions['configurable']> {
    return {
      configuration: this.configuration,
      begin,
      problems: async (settings) => [
        ...simulatedProblems(settings, (judged) => this.over(judged)),
        ...(this.hasLink && settings.cloud?.url !== undefined ? [NO_OTHER_TARGET] : []),
      ],
    };
  }

  private over(settings: DeviceSettings): AgentConfig {
    return parseConfig(sectionsOver(this.run, settings), 'configuration of the cloud');
  }
}
