/** Upgrades of a device: from the order of its cloud to another version that has shown itself to be healthy. */
import { sleep } from '../../platform/ports/clock.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { checkPayload, readImage } from '../../protocol/firmware/image.ts';
import { type Manifest, openManifest } from '../../protocol/firmware/manifest.ts';
import { compareVersions } from '../../protocol/firmware/version.ts';
import type { UpgradeOrder, UpgradePhase } from '../../protocol/messages/upgrade.ts';
import type { DeviceTime } from '../device-time.ts';
import { loginSettings } from '../login.ts';
import type { AgentEvent, AgentOptions } from '../options.ts';
import type { Producer } from '../producer.ts';
import { download } from './download.ts';
import type { Firmware } from './firmware.ts';
import { getPayload, type PayloadSource } from './payload.ts';
import { parseFirmwareSettings } from './settings.ts';
import { Trial } from './trial.ts';

export interface UpgradeOptions {
  agent: Pick<AgentOptions, 'clock' | 'random' | 'log' | 'config' | 'dialer'>;
  firmware: Firmware;
  /** As it is when a payload is asked for. */
  identity(): PayloadSource['identity'];
  model: string;
  producer: Producer;
  time: DeviceTime;
  emit(event: AgentEvent): void;
  /** What the device is has changed: the trial is over, and it is committed. */
  onCommitted(): void;
}

/** A step of so much is worth a message. */
const STEP_PERCENT = 10;
/** Before a reboot, for room in an outbox that may be full for as long as the cloud is away. */
const TELL_MS = 2_000;

type Told = { id: string; version: string; code?: string; detail?: string };

export class Upgrade {
  private readonly options: UpgradeOptions;
  private readonly abort = new AbortController();
  private trial: Trial | null = null;
  private running: { id: string; done: Promise<void> } | null = null;

  private onTrial: boolean;

  constructor(options: UpgradeOptions) {
    this.options = options;
    this.onTrial = options.firmware.boot.trial !== null;
  }

  /** What hello says. */
  get standing(): { slot: 'a' | 'b'; trial: boolean; sequenceNumber: number } {
    const { slots, boot } = this.options.firmware;
    return { slot: boot.slot, trial: this.onTrial, sequenceNumber: slots.counter };
  }

  /** Tells what an earlier boot came to, and judges this one. */
  start(): void {
    const { firmware, agent } = this.options;
    const { boot, slots } = firmware;
    void this.report();
    if (boot.trial === null) return;
    this.trial = new Trial({
      clock: agent.clock,
      trialMs: agent.config.upgrade.trialMs,
      onHealthy: () =>
        this.settle(slots.commit(), () => {
          this.onTrial = false;
          void this.report();
          this.options.onCommitted();
        }),
      onOverdue: (cause) => this.settle(slots.rollBack(cause), () => firmware.reboot()),
    });
    void this.tell('trial', 100, { id: boot.trial, version: boot.version });
  }

  see(event: AgentEvent): void {
    this.trial?.see(event);
  }

  async stop(): Promise<void> {
    this.trial?.stop();
    this.abort.abort(new Error('stopped'));
    await this.running?.done;
  }

  /** Takes an order, or answers one that it knows with what became of it. Everything else is told as it happens. */
  order(order: UpgradeOrder): void {
    const id = order.id ?? Buffer.from(order.sha256).toString('hex');
    const { slots, boot } = this.options.firmware;
    const { outcome } = slots;
    if (this.running?.id === id) return;
    if (outcome?.id === id) {
      const { phase, version, code, detail } = outcome;
      void this.tell(phase, 100, { id, version, code, detail });
    } else if (slots.trial?.id === id) {
      void this.tell('trial', 100, { id, version: boot.version });
    } else if (this.running || slots.trial) {
      const { version } = order;
      const error = new AirherdError('firmware-busy', { version, detail: 'another upgrade is under way' });
      void this.tell('failed', 0, { id, version, code: error.code, detail: error.message });
    } else {
      const done = this.carryOut(id, order).finally(() => {
        this.running = null;
      });
      this.running = { id, done };
    }
  }

  private async carryOut(id: string, order: UpgradeOrder): Promise<void> {
    const { firmware, agent } = this.options;
    try {
      const manifest = this.judged(order);
      const { version } = manifest;
      const name = await firmware.slots.target(manifest);
      await this.fetch(id, manifest, order.url, name);
      void this.tell('verifying', 100, { id, version });
      await this.verify(manifest, name);
      void this.tell('installing', 100, { id, version });
      await firmware.slots.stage(manifest, id);
      const told = this.tell('rebooting', 100, { id, version });
      await Promise.race([told, sleep(agent.clock, TELL_MS, this.abort.signal)]);
      firmware.reboot();
    } catch (error) {
      if (this.abort.signal.aborted) return;
      await this.failed(id, order.version, error);
    }
  }

  /** The manifest, where this device may take what it describes. */
  private judged(order: UpgradeOrder): Manifest {
    const { firmware, model } = this.options;
    const { boot, slots, keys } = firmware;
    const { manifest: bytes = new Uint8Array(), signature = new Uint8Array(), version } = order;
    const manifest = openManifest({ manifest: bytes, signature }, keys, version);
    const { payload, classes, sequenceNumber: sequence, minVersion } = manifest;
    const isOrdered =
      manifest.version === version &&
      payload.size === order.size &&
      payload.sha256 === Buffer.from(order.sha256).toString('hex');
    if (!isOrdered) {
      throw new AirherdError('firmware-signature', { version, detail: 'it is not the one of the order' });
    }
    if (!classes.includes(model)) {
      throw new AirherdError('firmware-class', { version, classes: classes.join(', '), model });
    }
    if (sequence < slots.counter) {
      throw new AirherdError('firmware-rollback', { version, sequence, counter: slots.counter });
    }
    if (minVersion !== undefined && compareVersions(boot.version, minVersion) < 0) {
      throw new AirherdError('firmware-precursor', { version, minVersion, current: boot.version });
    }
    return manifest;
  }

  private async fetch(id: string, manifest: Manifest, url: string, name: string): Promise<void> {
    const { firmware, agent, time, identity } = this.options;
    const { clock, config, dialer, random } = agent;
    const { version, payload } = manifest;
    const { minVersion, timeoutMs, revoked } = loginSettings(config.cloud);
    const of = { url, dialer, time, minVersion, timeoutMs, revoked, httpGet: firmware.httpGet };
    let told = -STEP_PERCENT;
    await download({
      ...{ manifest, name, clock, random, files: firmware.files },
      ...{ backoff: config.backoff, signal: this.abort.signal },
      get: (headers, signal) => getPayload({ ...of, identity: identity() }, version, headers, signal),
      onBytes: (have) => {
        const percent = Math.floor((have / payload.size) * 100);
        if (percent < told + STEP_PERCENT) return;
        told = percent;
        void this.tell('downloading', percent, { id, version });
      },
    });
  }

  /** A payload that is not what it should be is not kept: another attempt begins anew. */
  private async verify(manifest: Manifest, name: string): Promise<void> {
    const { files, judge } = this.options.firmware;
    const { version } = manifest;
    try {
      const payload = await files.read(name);
      checkPayload(payload, manifest);
      const { config } = await readImage(payload, version);
      await judge(parseFirmwareSettings(config, `firmware ${version}`));
    } catch (error) {
      await files.remove(name);
      if (!(error instanceof AirherdError) || error.code !== 'config-invalid') throw error;
      throw new AirherdError('firmware-image', { version, detail: error.message });
    }
  }

  private async failed(id: string, version: string, error: unknown): Promise<void> {
    const { slots } = this.options.firmware;
    const known = error instanceof AirherdError ? error : noSpace(version, error);
    // What is half there goes, so that the disk has room for what matters more.
    if (known !== error) await slots.clear().catch((fault: unknown) => this.fault(fault));
    this.options.agent.log?.warn({ version, code: known.code, detail: known.message }, 'upgrade failed');
    await slots.fail(id, version, known).catch((fault: unknown) => this.fault(fault));
    await this.tell('failed', 0, { id, version, code: known.code, detail: known.message });
    await slots.reported().catch(() => {});
  }

  private async report(): Promise<void> {
    const { slots } = this.options.firmware;
    const { outcome } = slots;
    if (!outcome || outcome.reported) return;
    const { phase, id, version, code, detail } = outcome;
    await this.tell(phase, 100, { id, version, code, detail });
    await slots.reported().catch((fault: unknown) => this.fault(fault));
  }

  private settle(saved: Promise<void>, then: () => void): void {
    this.trial = null;
    saved.then(then, (fault: unknown) => this.fault(fault));
  }

  private fault(error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error);
    this.options.emit({ type: 'disk-fault', detail });
  }

  /** To whoever runs the agent, and to the cloud. */
  private async tell(
    phase: UpgradePhase,
    percent: number,
    { id, version, code, detail }: Told,
  ): Promise<void> {
    const { emit, producer } = this.options;
    const why = {
      ...(code !== undefined && { code }),
      ...(detail !== undefined && { detail: detail.slice(0, 255) }),
    };
    emit({ type: 'upgrade', phase, version, percent, ...why });
    await producer
      .produce('upgrade', { class: 'device', id, version, phase, percent, ...why })
      // Stopped while it waited for room: what was decided is told at the next boot.
      .catch(() => {});
  }
}

/** All but the disk says what went wrong by itself. */
function noSpace(version: string, cause: unknown): AirherdError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new AirherdError('firmware-no-space', { version, detail }, { cause });
}
