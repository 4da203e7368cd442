/** One access point or switch of a lab: the agent itself, on simulated radios and ports. */
import type { Logger } from 'pino';
import {
  type Agent,
  type AgentConfigInput,
  type AgentEvent,
  type Boot,
  createAgent,
  Slots,
} from '../agent/index.ts';
import type { Identity } from '../certs/identity.ts';
import { nodeHttpGet } from '../platform/node/http-get.ts';
import type { Clock } from '../platform/ports/clock.ts';
import { MemoryFiles } from '../platform/sim/files.ts';
import { seededRandom } from '../platform/sim/random.ts';
import { deviceClock } from './clock.ts';
import { labFirmwareKey } from './firmware-key.ts';
import { labConfig } from './lab-config.ts';
import type { DeviceLink } from './link.ts';
import type { LabSource } from './live-world.ts';
import type { Payloads } from './payloads.ts';
import type { Target } from './target.ts';

export interface LabDeviceOptions {
  id: string;
  kind: 'ap' | 'switch';
  seed: number;
  identity: Identity;
  clock: Clock;
  clockOffMs: number;
  link: DeviceLink;
  target: Target;
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
  /** The images that it has; they stay as well. */
  readonly slotFiles = new MemoryFiles();
  /** What it runs, and whether that is to stay. */
  firmware: { version: string; isCommitted(): boolean } | null = null;
  readonly events: AgentEvent[] = [];
  clockOffMs: number;
  private agent: Agent | null = null;
  private boots = 0;
  private isOn = false;
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
    this.isOn = true;
    if (this.agent !== null) return;
    const { id, seed, clock, link, target, config, repeatMs, payloads, log } = this.options;
    this.boots++;
    const own = deviceClock(clock, () => this.clockOffMs);
    const slots = await Slots.open(this.slotFiles, FACTORY_VERSION);
    const boot = await slots.boot();
    this.firmware = { version: boot.version, isCommitted: () => slots.trial === null };
    const given = { ...config, report: { repeatMs, ...config.report } };
    const configWith = (brought: Boot['settings']) => labConfig(target, given, id, brought);
    const agent = createAgent({
      identity: this.identity,
      config: configWith(boot.settings),
      dialer: link.dialer,
      clock: own,
      random: seededRandom(`${seed} ${id} ${this.boots}`),
      files: this.files,
      sources: [this.options.source()],
      firmware: boot.version,
      upgrade: {
        ...{ slots, boot, files: this.slotFiles, httpGet: nodeHttpGet, keys: [labFirmwareKey.publicKey] },
        judge: (brought) => void configWith(brought),
        reboot: () => void this.reboot().catch((err) => log.error({ device: id, err }, 'reboot')),
      },
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
    this.isOn = false;
    await this.halt();
  }

  /** Unless it is switched off meanwhile. */
  private async reboot(): Promise<void> {
    await this.halt();
    if (this.isOn) await this.start();
  }

  private async halt(): Promise<void> {
    const { agent } = this;
    this.agent = null;
    await agent?.stop();
  }
}

/** Of the image that devices of a lab are made with. */
const FACTORY_VERSION = 'lab';

const MOST_EVENTS = 4096;
