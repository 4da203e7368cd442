import { z } from 'zod';
import type { FileStore } from '../platform/ports/files.ts';
import type { Config, Welcome } from '../protocol/messages/down.ts';
import { DEFAULT_PRIVACY_CLASSES, PRIVACY_CLASSES, type PrivacyClass } from '../protocol/privacy.ts';

const FILE = 'settings.json';

const schema = z.strictObject({
  claimed: z.boolean(),
  version: z.number().int().min(0),
  privacyClasses: z.array(z.enum(PRIVACY_CLASSES)),
  fields: z.strictObject({
    hostName: z.boolean(),
    userName: z.boolean(),
    userAgent: z.boolean(),
    deviceFamily: z.boolean(),
  }),
});
export type SettingsValue = z.infer<typeof schema>;
export type FieldSwitches = SettingsValue['fields'];

const FACTORY: SettingsValue = {
  claimed: false,
  version: 0,
  privacyClasses: [...DEFAULT_PRIVACY_CLASSES],
  fields: { hostName: true, userName: true, userAgent: true, deviceFamily: true },
};

/**
 * What the organisation lets this device do. Remembered over restarts where there is a disk, so that a claimed
 * device goes on observing when it starts without its cloud; one that was never claimed observes nobody.
 */
export class Settings {
  private value: SettingsValue = FACTORY;
  private readonly files: FileStore | null;
  private readonly listeners = new Set<() => void>();
  private written: Promise<void> = Promise.resolve();

  constructor(files: FileStore | null) {
    this.files = files;
  }

  async load(): Promise<void> {
    if (!this.files || !(await this.files.list()).includes(FILE)) return;
    try {
      this.value = schema.parse(JSON.parse((await this.files.read(FILE)).toString('utf8')));
    } catch {
      // Unreadable settings are no settings: nothing is allowed until the cloud says so again.
      this.value = FACTORY;
    }
  }

  get claimed(): boolean {
    return this.value.claimed;
  }

  get version(): number {
    return this.value.version;
  }

  get fields(): FieldSwitches {
    return this.value.fields;
  }

  get privacyClasses(): readonly PrivacyClass[] {
    return this.value.privacyClasses;
  }

  /** Whether a message of this class may leave. The device's own health always may. */
  allows(privacyClass: PrivacyClass): boolean {
    if (privacyClass === 'device') return true;
    return this.value.claimed && this.value.privacyClasses.includes(privacyClass);
  }

  welcome(welcome: Welcome): void {
    const { claimed, privacyClasses } = welcome;
    // A device that changes hands forgets its last owner's settings.
    const kept = claimed ? this.value : FACTORY;
    this.change({ ...kept, claimed, privacyClasses: [...privacyClasses] });
  }

  /** Another region counts its versions from the beginning. */
  moved(): void {
    this.change({ ...this.value, version: 0 });
  }

  /** The newest version wins; an older one is late, and ignored. */
  configure({ version, privacyClasses, fields }: Config): boolean {
    if (version < this.value.version) return false;
    this.change({ ...this.value, version, privacyClasses: [...privacyClasses], fields: { ...fields } });
    return true;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves when the last change is on the disk. */
  async saved(): Promise<void> {
    await this.written;
  }

  private change(value: SettingsValue): void {
    this.value = value;
    const { files } = this;
    if (files) {
      const bytes = Buffer.from(JSON.stringify(value));
      // A full disk loses the memory of the settings, not the settings.
      this.written = this.written.then(() => files.replace(FILE, bytes)).catch(() => {});
    }
    for (const listener of this.listeners) listener();
  }
}
