import { join } from 'node:path';
import {
  type AgentConfig,
  type Boot,
  type ConfigLayers,
  type Firmware,
  Slots,
} from '../../../agent/index.ts';
import { FIRMWARE_KEY_FILE, loadFirmwareKeys } from '../../../certs/firmware-key.ts';
import { nodeFiles } from '../../../platform/node/files.ts';
import { nodeHttpGet } from '../../../platform/node/http-get.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { version } from '../../version.ts';
import { type AgentFlags, agentConfig } from './config.ts';

export interface Booted<T> {
  boot: Boot;
  config: AgentConfig;
  /** What was opened for these settings. */
  opened: T;
  /** Null for an agent that remembers nothing, and so cannot be upgraded. */
  firmware: (Firmware & { close(): Promise<void> }) | null;
}

export interface BootOptions<T> {
  /** Of the identity; null where nothing is kept. */
  folder: string | null;
  /** What the cloud configured. */
  pushed: ConfigLayers['pushed'];
  /** What an agent with these settings needs. */
  open(config: AgentConfig): Promise<T>;
  reboot(): void;
}

/**
 * What this boot runs, and with which settings. An image on trial that cannot even start is left for the one before it.
 */
export async function bootAgent<T>(
  flags: AgentFlags,
  { folder, pushed, open, reboot }: BootOptions<T>,
): Promise<Booted<T>> {
  if (folder === null) {
    const boot: Boot = { version, slot: 'a', settings: {}, trial: null };
    const config = await agentConfig(flags, { pushed });
    return { boot, config, opened: await open(config), firmware: null };
  }
  const files = nodeFiles(join(folder, 'firmware'));
  try {
    const slots = await Slots.open(files, version);
    const keys = await loadFirmwareKeys(join(folder, FIRMWARE_KEY_FILE));
    const judge = async (settings: Boot['settings']) =>
      void (await agentConfig(flags, { pushed, firmware: settings }));
    for (;;) {
      const boot = await slots.boot();
      try {
        const config = await agentConfig(flags, { pushed, firmware: boot.settings });
        const opened = await open(config);
        const of = { slots, files, boot, keys, judge, reboot, httpGet: nodeHttpGet };
        return { boot, config, opened, firmware: { ...of, close: () => files.close() } };
      } catch (error) {
        if (boot.trial === null || !(error instanceof AirherdError)) throw error;
        await slots.rollBack(error.message);
      }
    }
  } catch (error) {
    await files.close();
    throw error;
  }
}
