/** One access point or switch of a lab: the agent itself, on simulated radios and ports. */
import type { Logger } from 'pino';
import {
  type Agent,
  type AgentConfigInput,
  type AgentEvent,
  createAgent,
  DeviceConfiguration,
  Slots,
  simulatedProblems,
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
  private changing: Promise<void> = Promise.resolve();
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

  start(): Promise<void> {
    this.isOn = true;
    return this.inTurn(async () => {
      if (this.agent !== null || !this.isOn) return;
      const { clock } = this.options;
      // What was not confirmed when it was switched off is rolled back, as in a process that starts.
      const configuration = new DeviceConfiguration(
        this.files,
        deviceClock(clock, () => this.clockOffMs),
      );
      await configuration.load();
      await this.begin(configuration);
    });
  }

  /** One agent after the other, with whatever settings and image are in force then. */
  private async begin(configuration: DeviceConfiguration): Promise<void> {
    const { id, seed, clock, link, target, config, repeatMs, payloads, log } = this.options;
    this.boots++;
    const own = deviceClock(clock, () => this.clockOffMs);
    const slots = await Slots.open(this.slotFiles, FACTORY_VERSION);
    const boot = await slots.boot();
    this.firmware = { version: boot.version, isCommitted: () => slots.trial === null };
    const given = { ...config, report: { repeatMs, ...config.report } };
    const configWith = (...over: Readonly<Record<string, unknown>>[]) =>
      labConfig(target, given, id, ...over);
    const { settings } = configuration;
    const anew = () =>
      void this.beginAnew(configuration).catch((err) => log.error({ device: id, err }, 'begin'));
    const agent = createAgent({
      identity: this.identity,
      config: configWith(settings, boot.settings),
      dialer: link.dialer,
      clock: own,
      random: seededRandom(`${seed} ${id} ${this.boots}`),
      files: this.files,
      sources: [this.options.source()],
      firmware: boot.version,
      upgrade: {
        ...{ slots, boot, files: this.slotFiles, httpGet: nodeHttpGet, keys: [labFirmwareKey.publicKey] },
        judge: (brought) => void configWith(settings, brought),
        reboot: anew,
      },
      operator: { restart: anew, locate: () => {}, about: () => ({ device: id }) },
      configurable: {
        configuration,
        problems: async (wanted) => simulatedProblems(wanted, (judged) => configWith(judged, boot.settings)),
        begin: anew,
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

  stop(): Promise<void> {
    this.isOn = false;
    return this.inTurn(() => this.halt());
  }

  /** Unless it is switched off meanwhile, or was switched off and on. */
  private beginAnew(configuration: DeviceConfiguration): Promise<void> {
    const { agent } = this;
    return this.inTurn(async () => {
      if (!this.isOn || this.agent !== agent) return;
      await this.halt();
      if (this.isOn) await this.begin(configuration);
    });
  }

  private async halt(): Promise<void> {
    const { agent } = this;
    this.agent = null;
    await agent?.stop();
  }

  /** On, off and anew come one after the other. */
  private inTurn(change: () => Promise<void>): Promise<void> {
    const changed = this.changing.then(change);
    this.changing = changed.catch(() => undefined);
    return changed;
  }
}

/** Of the image that devices of a lab are made with. */
const FACTORY_VERSION = 'lab';

const MOST_EVENTS = 4096;
