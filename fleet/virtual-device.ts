import { type Agent, type AgentEvent, createAgent, leanMqttClient, parseCloudUrl } from '../agent/index.ts';
import type { Identity } from '../certs/identity.ts';
import type { Clock } from '../platform/ports/clock.ts';
import type { LinkBreak, LinkProxy } from '../platform/ports/link.ts';
import type { Random } from '../platform/ports/random.ts';
import type { Source } from '../platform/ports/source.ts';
import type { Dialer } from '../platform/ports/transport.ts';
import { subSeed, uniform } from '../world/random.ts';
import { agentConfigOf } from './agent-config.ts';
import { AwaitedAcks } from './awaited-acks.ts';
import type { FleetConfig } from './config.ts';
import { Configured } from './configured.ts';
import { type DeviceLedger, ledgerOf, NOTHING, sum } from './device-ledger.ts';
import type { Metrics } from './metrics/metrics.ts';
import { siteOf } from './site-of.ts';
import { plainLogin } from './target/plain-login.ts';
import { observedBy } from './telemetry/observed-by.ts';
import { type TimedFrames, TimedSource } from './telemetry/timed-source.ts';
import { Uplink } from './uplink.ts';

export interface DevicePlatform {
  clock: Clock;
  random: Random;
  dialer: Dialer;
  /** What a device of a simulated site hears, where the run has such sites. */
  worlds?: { source(place: { site: number; kind: Identity['kind']; rank: number }): Source };
  /** Where a renewed identity is kept; absent: it ends with the run, and the old one is void by then. */
  saveIdentity?(identity: Identity): Promise<void>;
}

export interface DevicePlace {
  /** Among all devices of the run. */
  index: number;
  /** The instant of the schedule at which it is switched on, monotonic. */
  startAtMs: number;
  localAddress: string | undefined;
  /** Between it and its target; null: nothing. */
  link: LinkProxy | null;
}

/**
 * One device of the fleet: the agent itself, with an identity of its own, simulated senses, a memory outbox and
 * an uplink that the schedule can cut. Everything that it measures, it measures from the agent's events.
 */
export class VirtualDevice {
  readonly serial: string;
  private identity: Identity;
  private readonly config: FleetConfig;
  private readonly index: number;
  private readonly platform: DevicePlatform;
  private readonly metrics: Metrics;
  private readonly clock: Clock;
  private readonly uplink: Uplink;
  private readonly link: LinkProxy | null;
  /** Of all boots; null while no made frames were heard. */
  private heard: TimedFrames | null = null;
  private readonly configured: Configured;
  private agent: Agent | null = null;
  private boots = 0;
  /** Of the boots before this one. */
  private past = NOTHING;
  private awaited: AwaitedAcks;
  /** Power on, off and on again come one after the other. */
  private changing: Promise<void> = Promise.resolve();
  private intendedAtMs = 0;
  private dialledAtMs = 0;
  private tcpAtMs = 0;
  private securedAtMs = 0;
  private renewalAtMs: number | null = null;
  private isIn = false;
  private wasIn = false;
  private isStopping = false;

  constructor(
    identity: Identity,
    config: FleetConfig,
    platform: DevicePlatform,
    metrics: Metrics,
    place: DevicePlace,
  ) {
    const { clock } = platform;
    this.serial = identity.serial;
    this.identity = identity;
    this.config = config;
    this.index = place.index;
    this.platform = platform;
    this.metrics = metrics;
    this.clock = clock;
    this.link = place.link;
    this.awaited = new AwaitedAcks(metrics);
    this.configured = new Configured(agentConfigOf(config), clock, place.link !== null);
    const { host, port } = parseCloudUrl(config.cloud)!;
    this.uplink = new Uplink(platform.dialer, clock, {
      startAtMs: place.startAtMs,
      localAddress: place.localAddress,
      link: place.link && { proxy: place.link, name: identity.serial, target: { host, port } },
      onDial: (intendedAtMs) => {
        this.intendedAtMs = intendedAtMs;
        this.dialledAtMs = clock.monoMs();
      },
      onConnected: () => {
        this.tcpAtMs = clock.monoMs();
        metrics.record('tcp', this.tcpAtMs - this.dialledAtMs);
      },
      onSecured: () => {
        this.securedAtMs = clock.monoMs();
        metrics.record('tls', this.securedAtMs - this.tcpAtMs);
      },
    });
  }

  get isConnected(): boolean {
    return this.isIn;
  }

  /** `atMs` is the instant of the schedule, monotonic; here and below. */
  start(atMs: number): Promise<void> {
    return this.change(async () => {
      if (this.agent !== null || this.isStopping) return;
      this.boots++;
      if (this.boots === 1) this.metrics.counters.started++;
      this.uplink.restore(atMs);
      this.awaited = new AwaitedAcks(this.metrics);
      this.agent = this.boot();
      await this.agent.start();
    });
  }

  /** It shuts down in good order: what it holds is sent first, as far as two seconds allow. */
  shutDown(): Promise<void> {
    return this.change(() => this.end());
  }

  /** It boots anew at the cloud's word, once its answer is on its way; with what the cloud has configured. */
  private async restart(): Promise<void> {
    await this.shutDown();
    await this.start(this.clock.monoMs());
  }

  /** Its power is gone: the connection with it, and all that it remembers. */
  powerOff(): Promise<void> {
    this.uplink.cut();
    return this.change(() => this.end());
  }

  cut(): void {
    if (this.uplink.cut()) this.metrics.counters.cuts++;
  }

  restore(atMs: number): void {
    this.uplink.restore(atMs);
  }

  /** A device that is off, or nobody's, has nothing to renew. */
  async renew(atMs: number): Promise<void> {
    if (this.agent === null || this.isStopping) return;
    this.renewalAtMs = atMs;
    await this.agent.renew();
  }

  roam(): void {
    this.heard?.roam?.();
  }

  /** Ends its connection in a way. */
  spoil(how: LinkBreak | undefined): void {
    const ended = how === undefined ? 0 : (this.link?.break(this.serial, how) ?? 0);
    if (ended > 0) this.uplink.endIsAsked();
    this.metrics.counters.cuts += ended;
  }

  /** For good, in good order. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.changing;
    // Whoever is away when all is over takes along what it could not deliver.
    if (this.uplink.isCut) await this.end();
    else await this.agent?.stop();
  }

  /** Over all streams and boots. */
  ledger(): DeviceLedger {
    return this.agent === null ? this.past : sum(this.past, ledgerOf(this.agent));
  }

  private change(run: () => Promise<void>): Promise<void> {
    this.changing = this.changing.then(run);
    return this.changing;
  }

  private async end(): Promise<void> {
    const { agent } = this;
    if (agent === null) return;
    await agent.stop();
    const { lost, ...rest } = ledgerOf(agent);
    this.past = sum(this.past, { ...rest, forgotten: lost, lost: 0 });
    this.agent = null;
  }

  private boot(): Agent {
    const { clock, config, identity, platform } = this;
    const agentConfig = this.configured.config;
    const anew = () => void this.restart();
    return createAgent({
      identity,
      config: agentConfig,
      dialer: this.uplink,
      clock,
      random: platform.random,
      files: null,
      sources: this.sources(agentConfig.report.flushMs),
      firmware: `fleet-${this.boots}`,
      notBeforeMs: 0,
      mqtt: leanMqttClient,
      ...(config.target.proof === 'none' && { login: plainLogin(identity, config.target) }),
      saveIdentity: async (renewed) => {
        await platform.saveIdentity?.(renewed);
        this.identity = renewed;
      },
      // A virtual device has no light to show itself by; that it was told is all there is to it.
      operator: { locate: () => {}, restart: anew },
      configurable: this.configured.configurable(anew),
      onEvent: (event) => this.take(event),
    });
  }

  private sources(flushMs: number): Source[] {
    const { clock, config, identity, index, platform } = this;
    if (config.telemetry.rate === 0) return [];
    const { worlds } = platform;
    if (worlds) return [worlds.source({ ...siteOf(index, config), kind: identity.kind })];
    this.heard ??= observedBy(identity, index, config);
    // Devices are not in step: the phase is each one's own.
    const phase = uniform(subSeed(config.seed, identity.serial));
    return [new TimedSource(this.heard, clock, flushMs, phase * flushMs)];
  }

  private take(event: AgentEvent): void {
    const { metrics } = this;
    switch (event.type) {
      case 'state':
        if (event.state === 'open') this.enter();
        else if (this.isIn) this.leave();
        return;
      case 'step':
        if (event.step === 'welcomed') {
          const nowMs = this.clock.monoMs();
          metrics.record('proof', nowMs - this.securedAtMs);
          metrics.record('connect', nowMs - this.intendedAtMs);
        }
        return;
      case 'failure':
        this.uplink.retryAt(this.clock.monoMs() + event.retryInMs);
        if (!this.uplink.takeAsked() && !this.isStopping) metrics.failed(event.error.code);
        return;
      case 'command':
        this.awaited.commanded(this.clock.monoMs());
        return;
      case 'produced':
        this.awaited.produced(event.stream, event.seq, event.wantedAtMs);
        return;
      case 'acknowledged':
        this.awaited.acknowledged(event.stream, event.seq, this.clock.monoMs());
        return;
      case 'renewed':
        this.renewed();
        return;
    }
  }

  /** The certificate is in force once it has logged in. */
  private renewed(): void {
    this.metrics.counters.renewed++;
    if (this.renewalAtMs === null) return;
    const nowMs = this.clock.monoMs();
    this.metrics.record('renewal', nowMs - this.renewalAtMs);
    this.renewalAtMs = null;
    this.cut();
    this.restore(nowMs);
  }

  private enter(): void {
    const { counters } = this.metrics;
    this.isIn = true;
    counters.logins++;
    counters.connected++;
    if (!this.wasIn) counters.reached++;
    this.wasIn = true;
  }

  private leave(): void {
    this.isIn = false;
    this.metrics.counters.connected--;
  }
}
