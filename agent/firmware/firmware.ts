import type { KeyObject } from 'node:crypto';
import type { FileStore } from '../../platform/ports/files.ts';
import type { HttpGet } from '../../platform/ports/http.ts';
import type { Tree } from '../config-layers.ts';
import type { Boot, Slots } from './slots.ts';

/** What whoever runs an agent gives it, so that it can be upgraded. */
export interface Firmware {
  slots: Slots;
  /** The folder of `slots`, for payloads. */
  files: FileStore;
  /** What runs now, as `slots.boot()` decided. */
  boot: Boot;
  /** Whose manifests are taken. */
  keys: readonly KeyObject[];
  httpGet: HttpGet;
  /** Throws an AirherdError when the agent could not start with these settings. */
  judge(settings: Tree): void | Promise<void>;
  /** Stop the agent, and boot anew. */
  reboot(): void;
}
