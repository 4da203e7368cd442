/** One access point or switch of a lab: the agent itself, on simulated radios and ports. */
import type { Logger } from 'pino';
import {
  type Agent,
  type AgentConfigInput,
  type AgentEvent,
  createAgent,
  parseConfig,
} from '../agent/index.ts';
import type { Identity } from '../certs/identity.ts';
import type { Clock } from '../platform/ports/clock.ts';
import { MemoryFiles } from '../platform/sim/files.ts';
import { seededRandom } from '../platform/sim/random.ts';
import { deviceClock } from './clock.ts';
import type { DeviceLink } from './link.ts';
import type { LabSource } from './live-world.ts';
import type { Payloads } from './payloads.ts';

export interface LabDeviceOptions {
  id: string;
  kind: 'ap' | 'switch';
  seed: number;
  identity: Identity;
  clock: Clock;
  clockOffMs: number;
  link: DeviceLink;
  url: string;
  cloud: Partial<AgentConfigInput['cloud']>;
  config: Partial<AgentConfigInput>;
  /** What it told is told again this often, unless `config` says otherwise. */
  repeatMs: number;
  source(): LabSource;
  payloads: Payloads;
  log: Logger;
  onEvent(): void;
}

export class LabDevice {
  readonly id: string;
  readonly kind: 'ap' | 'switch';
  readonly link: DeviceLink;
  identity: Identity;
  /** Its disk: outbox and settings stay when it is switched off. */
  readonly files = new MemoryFiles();
  readonly events: AgentEvent[] = [];
  clockOffMs: number;
  private agent: Agent | null = null;
  private boots = 0;
  private readonly options: LabDeviceOptions;

  constructor(options: LabDeviceOptions) {
    this.options = options;
    this.id = options.id;
    this.kind = options.kind;
    this.link = options.link;
    this.identity = options.identity;
    this.clockOffMs = options.clockOffMs;
  }

  get state(): string {
    return this.agent?.state ?? 'off';
  }

  get running(): Agent | null {
    return this.agent;
  }

  async start(): Promise<void> {
    if (this.agent !== null) return;
    const { id, seed, clock, link, url, cloud, config, repeatMs, payloads, log } = this.options;
    this.boots++;
    const own = deviceClock(clock, () => this.clockOffMs);
    const agent = createAgent({
      identity: this.identity,
      config: parseConfig(
        {
          backoff: { minMs: 500, maxMs: 5_000 },
          outbox: { fsyncMs: 0, limitBytes: 4 * 1024 * 1024, segmentBytes: 256 * 1024 },
          ...config,
          report: { repeatMs, ...config.report },
          cloud: { serverName: 'localhost', timeoutMs: 5_000, ...cloud, url },
        },
        `lab ${id}`,
      ),
      dialer: link.dialer,
      clock: own,
      random: seededRandom(`${seed} ${id} ${this.boots}`),
      files: this.files,
      sources: [this.options.source()],
      firmware: 'lab',
      notBeforeMs: 0,
      login: payloads.loginOf(id, () => clock.wallMs()),
      saveIdentity: async (identity) => {
        this.identity = identity;
      },
      log,
      onEvent: (event) => {
        this.events.push(event);
        if (this.events.length > MOST_EVENTS) this.events.splice(0, MOST_EVENTS / 2);
        this.options.onEvent();
      },
    });
    this.agent = agent;
    await agent.start();
  }

  async stop(): Promise<void> {
    const { agent } = this;
    this.agent = null;
    await agent?.stop();
  }
}

const MOST_EVENTS = 4096;
