/**
 * Two places for images, and which of them runs.
 *
 * | `boot.json`          | event                                | becomes                                        |
 * |----------------------|--------------------------------------|------------------------------------------------|
 * | active a             | an image is whole in b               | active a, trial b with three boots             |
 * | active a, trial b: n | boot                                 | the same with n − 1, and b runs                |
 * | active a, trial b: 0 | boot                                 | active a, rolled back, and a runs              |
 * | active a, trial b    | b is healthy                         | active b, counter ≥ its sequence number        |
 * | active a, trial b    | b is not healthy in time, or damaged | active a, rolled back                          |
 *
 * Each step is one replacement of `boot.json`: whoever is killed between two finds the one before.
 */
import type { FileStore } from '../../platform/ports/files.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { checkPayload, readImage } from '../../protocol/firmware/image.ts';
import type { Manifest } from '../../protocol/firmware/manifest.ts';
import type { Tree } from '../config-layers.ts';
import {
  type BootRecord,
  bootRecord,
  FACTORY,
  type Outcome,
  otherSlot,
  SLOTS,
  type SlotInfo,
  type SlotName,
} from './boot-record.ts';
import { parseFirmwareSettings } from './settings.ts';

const RECORD = 'boot.json';
const TRIAL_BOOTS = 3;

/** What runs from this boot on. */
export interface Boot {
  version: string;
  slot: SlotName;
  settings: Tree;
  /** It is on trial for this order. */
  trial: string | null;
}

export class Slots {
  private readonly files: FileStore;
  private readonly factoryVersion: string;
  private record: BootRecord;

  private constructor(files: FileStore, factoryVersion: string, record: BootRecord) {
    this.files = files;
    this.factoryVersion = factoryVersion;
    this.record = record;
  }

  /** @param factoryVersion of the image that the device was made with */
  static async open(files: FileStore, factoryVersion: string): Promise<Slots> {
    let record = FACTORY;
    if ((await files.list()).includes(RECORD)) {
      const parsed = bootRecord.safeParse(jsonOf(await files.read(RECORD)));
      // It is replaced whole or not at all: what cannot be read was damaged by others, and the factory image is there.
      if (parsed.success) record = parsed.data;
    }
    return new Slots(files, factoryVersion, record);
  }

  get counter(): number {
    return this.record.counter;
  }

  get outcome(): Outcome | null {
    return this.record.outcome;
  }

  get trial(): BootRecord['trial'] {
    return this.record.trial;
  }

  /** Of the slot that is active; null for the factory image. */
  get active(): SlotInfo | null {
    return this.record.slots[this.record.active];
  }

  /** Decides what runs, takes one boot from a trial, and leaves a trial that has none left. */
  async boot(): Promise<Boot> {
    const { active, trial } = this.record;
    if (trial) {
      const slot = otherSlot(active);
      if (trial.attemptsLeft > 0) {
        await this.save({ trial: { ...trial, attemptsLeft: trial.attemptsLeft - 1 } });
        const boot = await this.load(slot, trial.id).catch(asAirherdError);
        if (!(boot instanceof AirherdError)) return boot;
        await this.rollBack(boot.message);
      } else await this.rollBack(`it was started ${TRIAL_BOOTS} times`);
    }
    for (const slot of [active, otherSlot(active)]) {
      const boot = await this.load(slot, null).catch(asAirherdError);
      if (!(boot instanceof AirherdError)) return boot;
    }
    return { version: this.factoryVersion, slot: active, settings: {}, trial: null };
  }

  /** Where the payload of this manifest goes: the file of the slot that is not active. What is there of others goes. */
  async target({ payload }: Manifest): Promise<string> {
    const name = fileOf(otherSlot(this.record.active), payload.sha256);
    await this.clear(name);
    return name;
  }

  /** Removes images that no boot needs, and that are not `kept`. */
  async clear(kept?: string): Promise<void> {
    const { active, slots, trial } = this.record;
    const needed = (trial ? SLOTS : [active]).map((slot) => fileOf(slot, slots[slot]?.sha256 ?? ''));
    for (const file of await this.files.list()) {
      if (file.startsWith('slot-') && file !== kept && !needed.includes(file)) await this.files.remove(file);
    }
  }

  /** The payload is whole in its slot: the next boots try it. */
  async stage({ version, sequenceNumber, payload }: Manifest, id: string): Promise<void> {
    const slot = otherSlot(this.record.active);
    await this.files.sync(fileOf(slot, payload.sha256));
    await this.save({
      slots: { ...this.record.slots, [slot]: { version, sequenceNumber, sha256: payload.sha256 } },
      trial: { id, attemptsLeft: TRIAL_BOOTS },
    });
  }

  /** What is on trial is healthy: it is active from now on, and nothing below its sequence number will be. */
  async commit(): Promise<void> {
    const { active, slots, counter, trial } = this.record;
    const slot = otherSlot(active);
    const info = slots[slot];
    if (!trial || !info) return;
    await this.save({
      active: slot,
      counter: Math.max(counter, info.sequenceNumber),
      trial: null,
      outcome: { id: trial.id, version: info.version, phase: 'committed', reported: false },
    });
  }

  /** What is on trial is left: from the next boot on the slot that is active runs again. */
  async rollBack(cause: string): Promise<void> {
    const { active, slots, trial } = this.record;
    if (!trial) return;
    const slot = otherSlot(active);
    const version = slots[slot]?.version ?? '';
    const error = new AirherdError('firmware-unhealthy', { version, detail: cause });
    await this.save({
      slots: { ...slots, [slot]: null },
      trial: null,
      outcome: outcomeOf(trial.id, version, 'rolled-back', error),
    });
  }

  /** The order came to nothing before anything was changed. */
  async fail(id: string, version: string, error: AirherdError): Promise<void> {
    await this.save({ outcome: outcomeOf(id, version, 'failed', error) });
  }

  /** The cloud will be told. */
  async reported(): Promise<void> {
    const { outcome } = this.record;
    if (outcome && !outcome.reported) await this.save({ outcome: { ...outcome, reported: true } });
  }

  private async load(slot: SlotName, trial: string | null): Promise<Boot> {
    const info = this.record.slots[slot];
    if (!info) return { version: this.factoryVersion, slot, settings: {}, trial };
    const { version, sha256 } = info;
    const payload = await this.files.read(fileOf(slot, sha256));
    checkPayload(payload, { version, payload: { size: payload.length, sha256 } });
    const { config } = await readImage(payload, version);
    return { version, slot, settings: parseFirmwareSettings(config, `firmware ${version}`), trial };
  }

  private async save(change: Partial<BootRecord>): Promise<void> {
    const next = { ...this.record, ...change };
    await this.files.replace(RECORD, Buffer.from(`${JSON.stringify(next)}\n`));
    this.record = next;
  }
}

const fileOf = (slot: SlotName, sha256: string): string => `slot-${slot}-${sha256.slice(0, 16)}.img`;

function outcomeOf(id: string, version: string, phase: Outcome['phase'], error: AirherdError): Outcome {
  return { id, version, phase, code: error.code, detail: error.message.slice(0, 255), reported: false };
}

function asAirherdError(error: unknown): AirherdError {
  if (error instanceof AirherdError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new AirherdError('firmware-image', { version: '?', detail });
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}
