/**
 * What an operator sets on one device from the cloud, and what became of it: a confirmed commit as in NETCONF
 * (RFC 6241, 8.4). The organisation's privacy settings are not of it: they are `config`, and are never rolled back.
 */
import { z } from 'zod';
import { parseCloudUrl } from '../cloud-url.ts';
import { data } from './envelope.ts';
import { name, uint } from './fields.ts';

const MIB = 1024 ** 2;
const whole = (min: number, max: number) => z.number().int().min(min).max(max);

/** Settings that a device takes over while it runs; what is absent is as the device has it locally. */
export const deviceSettings = z.strictObject({
  cloud: z
    .strictObject({
      url: z
        .string()
        .max(255)
        .refine((text) => parseCloudUrl(text) !== null, 'must be mqtts://host[:port]'),
      serverName: z.string().min(1).max(253),
      keepaliveS: whole(5, 3600),
      /** For each step of a login. */
      timeoutMs: whole(1000, 600_000),
    })
    .partial()
    .optional(),
  report: z
    .strictObject({
      /** Between looks at what has changed. */
      flushMs: whole(10, 3_600_000),
      statsMs: whole(1000, 86_400_000),
      /** What was told and has not changed is told again no more often than this; 0 for whenever it was heard. */
      repeatMs: whole(0, 3_600_000),
      /** Who was not heard for so long has left; 0 for never. */
      idleMs: whole(0, 86_400_000),
      /** Clients and hosts that are remembered. */
      maxHosts: whole(16, 65_536),
    })
    .partial()
    .optional(),
  capture: z
    .strictObject({
      /** As `airherd agent --source` names them; the device judges which it has. */
      sources: z.array(z.string().min(1).max(255)).max(64),
      /** Ships every frame, header-only. */
      stream: z.boolean(),
      /** Captures around failures of clients. */
      dynamic: z.boolean(),
    })
    .partial()
    .optional(),
  outbox: z.strictObject({ limitBytes: whole(MIB, 4096 * MIB) }).optional(),
  log: z
    .strictObject({ level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']) })
    .optional(),
});
export type DeviceSettings = z.infer<typeof deviceSettings>;

/** Seconds within which the device has to have reached the cloud, or it goes back (RFC 6241: `confirm-timeout`). */
export const confirmTimeoutS = whole(1, 3600);
export const DEFAULT_CONFIRM_TIMEOUT_S = 120;

/** Cloud to device: the whole configuration; one with the version that the device judged last is known already. */
export const configuration = z.strictObject({
  v: z.literal(1),
  version: uint.min(1),
  confirmTimeoutS,
  settings: deviceSettings,
});
export type Configuration = z.infer<typeof configuration>;

/**
 * `applied`: it runs, and is confirmed as soon as the cloud has stored this. `refused`: it was not taken over.
 * `rolled-back`: it ran, and the one before runs again.
 */
export const CONFIGURATION_STATES = ['applied', 'confirmed', 'refused', 'rolled-back'] as const;
export type ConfigurationState = (typeof CONFIGURATION_STATES)[number];

/** Device to cloud. */
export const configurationReport = data.extend({
  class: z.literal('device'),
  version: uint.min(1),
  state: z.enum(CONFIGURATION_STATES),
  /** Version that runs now; 0 for the local settings alone. */
  running: uint,
  /** Why it was refused or rolled back, all of it. */
  problems: z.array(name).max(64),
});
export type ConfigurationReport = z.infer<typeof configurationReport>;
