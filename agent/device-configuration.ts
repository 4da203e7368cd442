/**
 * The configuration that the cloud gave this device, over its local settings: a confirmed commit (RFC 6241, 8.4).
 *
 * | state     | event                                     | next      | runs then                      |
 * |-----------|-------------------------------------------|-----------|--------------------------------|
 * | confirmed | another one, and the device can follow it | applied   | the new one                    |
 * | confirmed | another one, which it cannot follow       | confirmed | as before; reported as refused |
 * | applied   | the cloud has stored that it runs         | confirmed | the new one                    |
 * | applied   | confirm-timeout, or the process started   | confirmed | the one before; `rolled-back`  |
 * | any       | the device belongs to nobody any more     | confirmed | the local settings alone       |
 *
 * At first the local settings alone are confirmed. Every change is on the disk before it counts, where there is one;
 * a device that starts while one is applied, whatever ended it, rolls back: it may have been the configuration.
 */
import { z } from 'zod';
import type { Clock } from '../platform/ports/clock.ts';
import type { FileStore } from '../platform/ports/files.ts';
import {
  CONFIGURATION_STATES,
  type Configuration,
  type ConfigurationReport,
  type ConfigurationState,
  type DeviceSettings,
  deviceSettings,
} from '../protocol/messages/configuration.ts';

const FILE = 'configuration.json';
/** What a report holds (`schema.cddl`). */
const MOST_PROBLEMS = 64;
const PROBLEM_LENGTH = 255;

const uint = z.number().int().min(0);
const kept = z.strictObject({ version: uint, settings: deviceSettings });
const schema = z.strictObject({
  confirmed: kept,
  applied: kept.extend({ confirmTimeoutS: uint }).nullable(),
  /** Of the configuration that was judged last. */
  outcome: z
    .strictObject({
      version: uint,
      state: z.enum(CONFIGURATION_STATES),
      problems: z.array(z.string()),
      /** The cloud has stored it. */
      reported: z.boolean(),
    })
    .nullable(),
});
type Kept = z.infer<typeof schema>;

/** The local settings alone. */
const NONE: Kept = { confirmed: { version: 0, settings: {} }, applied: null, outcome: null };

export class DeviceConfiguration {
  private readonly files: FileStore | null;
  private readonly clock: Clock;
  private value: Kept = NONE;
  private appliedAtMs = 0;

  constructor(files: FileStore | null, clock: Clock) {
    this.files = files;
    this.clock = clock;
  }

  /** Once, when the process starts. */
  async load(): Promise<void> {
    if (!this.files || !(await this.files.list()).includes(FILE)) return;
    try {
      this.value = schema.parse(JSON.parse((await this.files.read(FILE)).toString('utf8')));
    } catch {
      // Unreadable: the local settings hold, and the cloud says again what it wants.
      this.value = NONE;
    }
    if (this.value.applied) await this.rollBack('the device started anew before it was confirmed');
  }

  /** What is over the local settings now. */
  get settings(): DeviceSettings {
    return (this.value.applied ?? this.value.confirmed).settings;
  }

  get running(): number {
    return (this.value.applied ?? this.value.confirmed).version;
  }

  /** Version that was judged last; 0 when none. */
  get judged(): number {
    return this.value.outcome?.version ?? 0;
  }

  /** Until it is rolled back; null when all is confirmed. */
  get confirmWithinMs(): number | null {
    const { applied } = this.value;
    if (!applied) return null;
    return Math.max(0, this.appliedAtMs + applied.confirmTimeoutS * 1000 - this.clock.monoMs());
  }

  /** What the cloud is still to be told; null when it has it all. */
  get report(): Pick<ConfigurationReport, 'version' | 'state' | 'running' | 'problems'> | null {
    const { outcome } = this.value;
    if (!outcome || outcome.reported) return null;
    const { version, state, problems } = outcome;
    return { version, state, running: this.running, problems };
  }

  /**
   * Takes it over, to be confirmed, unless there are problems: then what runs goes on.
   * @param problems why the device cannot follow it
   * @returns the problems that there were
   */
  async take(wanted: Configuration, problems: readonly string[]): Promise<readonly string[]> {
    const { version, settings, confirmTimeoutS } = wanted;
    if (problems.length > 0) {
      await this.change({ ...this.value, outcome: outcomeOf(version, 'refused', problems) });
      return problems;
    }
    const applied = { version, settings, confirmTimeoutS };
    const before = this.value;
    const saved = await this.change({ ...before, applied, outcome: outcomeOf(version, 'applied') });
    // Without a way back over a restart it is not tried.
    if (!saved) {
      this.value = before;
      return this.take(wanted, ['it cannot be kept: the disk is full or cannot be written']);
    }
    this.appliedAtMs = this.clock.monoMs();
    return [];
  }

  /** It runs, and the cloud is reached under it. */
  async confirm(): Promise<void> {
    const { applied } = this.value;
    if (!applied) return;
    const { version, settings } = applied;
    await this.change({
      confirmed: { version, settings },
      applied: null,
      outcome: outcomeOf(version, 'confirmed'),
    });
  }

  /** The cloud has stored the newest report. */
  async reported(): Promise<void> {
    const { outcome } = this.value;
    if (outcome) await this.change({ ...this.value, outcome: { ...outcome, reported: true } });
  }

  /** Back to the configuration that was confirmed last. */
  async rollBack(why: string): Promise<void> {
    const { applied, confirmed } = this.value;
    if (!applied) return;
    await this.change({
      confirmed,
      applied: null,
      outcome: outcomeOf(applied.version, 'rolled-back', [why]),
    });
  }

  /** A device that changes hands forgets its last owner's; whether there was anything to forget. */
  async forget(): Promise<boolean> {
    const hadSettings = Object.keys(this.settings).length > 0;
    if (this.value !== NONE) await this.change(NONE);
    return hadSettings;
  }

  /** Whether it is on the disk, too; what is not there is rolled back at the next start, if it was only applied. */
  private async change(value: Kept): Promise<boolean> {
    this.value = value;
    try {
      await this.files?.replace(FILE, Buffer.from(JSON.stringify(value)));
      return true;
    } catch {
      return false;
    }
  }
}

const outcomeOf = (
  version: number,
  state: ConfigurationState,
  problems: readonly string[] = [],
): NonNullable<Kept['outcome']> => ({
  version,
  state,
  problems: problems.slice(0, MOST_PROBLEMS).map((problem) => problem.slice(0, PROBLEM_LENGTH)),
  reported: false,
});
