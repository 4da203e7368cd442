import { type Agent, type AgentConfig, type AgentEvent, createAgent, parseConfig } from '../agent/index.ts';
import type { Identity } from '../certs/identity.ts';
import type { Clock } from '../platform/ports/clock.ts';
import type { Random } from '../platform/ports/random.ts';
import type { Dialer } from '../platform/ports/transport.ts';
import type { UpStream } from '../protocol/topics.ts';
import { subSeed, uniform } from '../world/random.ts';
import type { FleetConfig } from './config.ts';
import type { Metrics } from './metrics/metrics.ts';
import { accessPointAir } from './telemetry/access-point.ts';
import { switchPort } from './telemetry/switch.ts';
import { TimedSource } from './telemetry/timed-source.ts';
import { Uplink } from './uplink.ts';

export interface DevicePlatform {
  clock: Clock;
  random: Random;
  dialer: Dialer;
}

/** A real device looks at what has changed this often, and reports its own health as often as that. */
const FLUSH_MS = 10_000;
const STATS_MS = 60_000;
/** Rate 0: the timers of Node go no further. */
const NEVER_MS = 2 ** 31 - 1;
const MAX_HOSTS = 16;

/** All devices of a run have one: it is frozen. */
const agentConfigs = new WeakMap<FleetConfig, AgentConfig>();

function agentConfigOf(config: FleetConfig): AgentConfig {
  const known = agentConfigs.get(config);
  if (known !== undefined) return known;
  const { rate } = config.telemetry;
  const made = parseConfig(
    {
      cloud: { url: config.cloud, serverName: config.serverName, timeoutMs: config.timeout },
      // The generator's clock is the machine's.
      clock: { trusted: true },
      backoff: { minMs: config.backoff.min, maxMs: config.backoff.max },
      outbox: { path: 'memory', limitBytes: config.outboxBytes },
      report: {
        flushMs: rate === 0 ? NEVER_MS : Math.max(1, Math.round(FLUSH_MS / rate)),
        statsMs: rate === 0 ? NEVER_MS : Math.max(1, Math.round(STATS_MS / rate)),
        maxHosts: MAX_HOSTS,
      },
    },
    'fleet',
  );
  agentConfigs.set(config, made);
  return made;
}

/** What was produced and is not acknowledged: first seq, and when each was wanted. */
interface Awaited {
  firstSeq: number;
  wantedAtMs: number[];
}

/**
 * One device of the fleet: the agent itself, with an identity of its own, simulated senses, a memory outbox and
 * an uplink that the schedule can cut. Everything that it measures, it measures from the agent's events.
 */
export class VirtualDevice {
  readonly serial: string;
  private readonly agent: Agent;
  private readonly uplink: Uplink;
  private readonly metrics: Metrics;
  private readonly clock: Clock;
  private readonly awaited = new Map<UpStream, Awaited>();
  private intendedAtMs = 0;
  private dialledAtMs = 0;
  private tcpAtMs = 0;
  private securedAtMs = 0;
  private isIn = false;
  private wasIn = false;
  private isStopping = false;

  /** `startAtMs`: the instant of the schedule, monotonic. */
  constructor(
    identity: Identity,
    config: FleetConfig,
    platform: DevicePlatform,
    metrics: Metrics,
    at: { startAtMs: number; localAddress: string | undefined },
  ) {
    const { clock, random } = platform;
    this.serial = identity.serial;
    this.metrics = metrics;
    this.clock = clock;
    this.uplink = new Uplink(platform.dialer, clock, {
      ...at,
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
    const seed = subSeed(config.seed, identity.serial);
    const { rate } = config.telemetry;
    const agentConfig = agentConfigOf(config);
    const { flushMs } = agentConfig.report;
    const heard =
      identity.kind === 'ap' ? accessPointAir(identity.mac, seed) : switchPort(identity.mac, seed);
    this.agent = createAgent({
      identity,
      config: agentConfig,
      dialer: this.uplink,
      clock,
      random,
      files: null,
      // Devices are not in step: the phase is each one's own.
      sources: rate === 0 ? [] : [new TimedSource(heard, clock, flushMs, uniform(seed) * flushMs)],
      firmware: 'fleet',
      notBeforeMs: 0,
      onEvent: (event) => this.take(event),
    });
  }

  async start(): Promise<void> {
    this.metrics.counters.started++;
    await this.agent.start();
  }

  cut(): void {
    if (this.uplink.cut()) this.metrics.counters.cuts++;
  }

  restore(atMs: number): void {
    this.uplink.restore(atMs);
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await this.agent.stop();
  }

  /** produced = acknowledged + dropped + lost, over all streams. */
  ledger(): { produced: number; acknowledged: number; dropped: number; lost: number } {
    const sum = { produced: 0, acknowledged: 0, dropped: 0, lost: 0 };
    for (const { produced, acknowledged, dropped } of this.agent.ledger()) {
      sum.produced += produced;
      sum.acknowledged += acknowledged;
      sum.dropped += dropped;
    }
    sum.lost = sum.produced - sum.acknowledged - sum.dropped;
    return sum;
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
        if (!this.uplink.isCut && !this.isStopping) metrics.failed(event.error.code);
        return;
      case 'produced':
        this.produced(event.stream, event.seq, event.wantedAtMs);
        return;
      case 'acknowledged':
        this.acknowledged(event.stream, event.seq);
        return;
    }
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

  private produced(stream: UpStream, seq: number, wantedAtMs: number): void {
    const awaited = this.awaited.get(stream);
    if (awaited && awaited.wantedAtMs.length > 0) awaited.wantedAtMs.push(wantedAtMs);
    else this.awaited.set(stream, { firstSeq: seq, wantedAtMs: [wantedAtMs] });
  }

  private acknowledged(stream: UpStream, seq: number): void {
    const awaited = this.awaited.get(stream);
    if (!awaited) return;
    const done = awaited.wantedAtMs.splice(0, Math.max(0, seq - awaited.firstSeq + 1));
    awaited.firstSeq += done.length;
    const nowMs = this.clock.monoMs();
    for (const wantedAtMs of done) this.metrics.record('ack', nowMs - wantedAtMs);
  }
}
