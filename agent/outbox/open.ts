import type { Identity } from '../../certs/identity.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import type { FileStore } from '../../platform/ports/files.ts';
import type { Random } from '../../platform/ports/random.ts';
import { deriveKey } from '../../protocol/proof.ts';
import type { AgentConfig } from '../config.ts';
import type { DeviceTime } from '../device-time.ts';
import { gapEncoder } from '../producer.ts';
import { Journal } from './journal.ts';
import { Outbox } from './outbox.ts';
import type { SegmentKey } from './segment.ts';

export const BOOT_ID_BYTES = 16;

export interface OpenOutboxOptions {
  identity: Identity;
  config: AgentConfig['outbox'];
  /** Null keeps what is pending in memory. */
  files: FileStore | null;
  clock: Clock;
  random: Random;
  time: DeviceTime;
  bootId: Buffer;
  onFault(detail: string): void;
}

/** The key that seals from now on. */
export const outboxKey = ({ factoryKey, keyGeneration, serial }: Identity): SegmentKey => ({
  generation: keyGeneration,
  key: deriveKey(factoryKey, 'outbox', serial),
});

/** The outbox of one device; on a disk it is sealed with a key derived from the factory key. */
export function openOutbox(options: OpenOutboxOptions): Outbox {
  const { bootId, clock, config, files, identity, random, time, onFault } = options;
  const describe = (error: unknown) => onFault(error instanceof Error ? error.message : String(error));
  const journal = files
    ? new Journal({
        files,
        clock,
        random,
        keys: [outboxKey(identity), ...identity.olderOutboxKeys],
        segmentBytes: Math.min(config.segmentBytes, Math.max(4096, config.limitBytes >> 2)),
        compactBytes: 2 * config.limitBytes,
        fsyncMs: config.fsyncMs,
        onFault: describe,
        onUnreadable: (name) => onFault(`${name} cannot be read with this device's key; it is left alone`),
      })
    : undefined;
  return new Outbox({
    clock,
    bootId,
    limitBytes: config.limitBytes,
    encodeGap: gapEncoder(time),
    journal,
    onDiskFault: describe,
  });
}
