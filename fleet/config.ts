import { z } from 'zod';
import { parseCloudUrl } from '../agent/index.ts';
import { AirherdError } from '../protocol/errors.ts';
import { SITE_KINDS } from '../world/site/model.ts';
import { commandSettings } from './commands.ts';
import { withDefaults } from './defaults.ts';
import { duration } from './duration.ts';
import { faultSettings } from './faults/fault.ts';
import { plannedShape, shapeSettings } from './shapes/registry.ts';
import type { Extent } from './shapes/shape.ts';
import { targetSettings } from './target/settings.ts';
import { parseThreshold } from './thresholds/threshold.ts';

const KIB = 1024;

/** Every setting of a run, as a YAML file has it. Durations are like 15s, sizes are bytes. */
export const fleetSchema = z.strictObject({
  /** mqtts://host[:port] */
  cloud: z.string().refine((text) => parseCloudUrl(text) !== null, 'must be mqtts://host[:port]'),
  /** Name that the cloud's certificate must have; the URL's host unless given. */
  serverName: z.string().min(1).max(253).optional(),
  /** What it is, when it is not airherd's own cloud. */
  target: targetSettings.prefault({}),
  devices: z.number().int().min(1).max(1_000_000),
  for: duration.refine((ms) => ms >= 1, 'must be longer'),
  shape: shapeSettings,
  /** How many devices a site has: the first so many are the first site's, and so on. */
  siteDevices: z.number().int().min(1).max(100_000).default(20),
  /** What happens to links. */
  faults: z.array(faultSettings).max(256).default([]),
  telemetry: z
    .strictObject({
      /** Times the rate of a real device; 0 sends nothing but hello. */
      rate: z.number().min(0).max(10_000).default(1),
      /** What devices observe: a simulated site of this kind for each site of the run; absent: frames of a few clients. */
      world: z.enum(SITE_KINDS).optional(),
      /** What time it is there when the run begins. */
      worldStart: z.iso.datetime({ offset: true }).default('2026-03-02T09:00:00Z'),
    })
    .prefault({}),
  commands: commandSettings.prefault({}),
  /** What a device holds of what the cloud has not acknowledged, in memory. */
  outboxBytes: z
    .number()
    .int()
    .min(4 * KIB)
    .max(64 * KIB * KIB)
    .default(16 * KIB),
  backoff: z
    .strictObject({ min: duration.prefault('1s'), max: duration.prefault('60s') })
    .refine(({ min, max }) => min >= 1 && min <= max, 'min must be 1ms or more, and not above max')
    .prefault({}),
  /** For each step of a login. */
  timeout: duration.refine((ms) => ms >= 1 && ms <= 600_000, 'must be 1ms to 10m').prefault('10s'),
  /** Threads; one for each core unless given. */
  workers: z.number().int().min(1).max(256).optional(),
  /** Addresses that connections come from, in turn: each has ports of its own. */
  localAddresses: z
    .array(z.union([z.ipv4(), z.ipv6()]))
    .max(64)
    .default([]),
  /** Decides the order in which devices leave, and what each observes. */
  seed: z.number().int().min(0).max(0xffff_ffff).default(1),
  /** A target that lets nobody in, or acknowledges nothing, for this long has failed: the run ends. */
  giveUp: duration.refine((ms) => ms >= 1, 'must be longer').prefault('30s'),
  /** What the generator itself may be late by (99th percentile); more, and its numbers are not believed. */
  generator: z
    .strictObject({
      maxSlip: duration.prefault('250ms'),
      maxLoopDelay: duration.prefault('250ms'),
      maxCpuWait: z.number().min(0).max(1).default(0.8),
    })
    .prefault({}),
  thresholds: z
    .array(
      z.string().transform((text, context) => {
        const parsed = parseThreshold(text);
        if (typeof parsed !== 'string') return parsed;
        context.addIssue({ code: 'custom', message: `"${text}": ${parsed}` });
        return z.NEVER;
      }),
    )
    .max(256)
    .default([]),
});

export type FleetConfig = z.infer<typeof fleetSchema>;
type Settings = z.input<typeof fleetSchema>;
/** What need not be given follows from the rest: see withDefaults. */
export type FleetConfigInput = Omit<Settings, 'cloud' | 'for'> & Partial<Pick<Settings, 'cloud' | 'for'>>;

/** Validates, fills in defaults, freezes. Throws config-invalid with every problem and where it is. */
export function parseFleetConfig(input: unknown, source: string): FleetConfig {
  const parsed = fleetSchema.safeParse(withDefaults(input));
  const problems = parsed.success ? problemsOf(parsed.data) : parsed.error.issues.map(describe);
  if (parsed.success && problems.length === 0) return Object.freeze(parsed.data);
  throw new AirherdError('config-invalid', { source, detail: problems.join('; ') });
}

/** What cannot be had together. */
function problemsOf(config: FleetConfig): string[] {
  const problems = plannedShape(config.shape).problems(extentOf(config));
  if (config.commands.rate > 0 && config.target.proof === 'none') {
    problems.push('commands.rate: there is no API to give commands through where proof is none');
  }
  return problems;
}

export const extentOf = ({ devices, for: forMs, seed, siteDevices }: FleetConfig): Extent => ({
  devices,
  forMs,
  seed,
  siteDevices,
});

function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${path ? `${path}.` : ''}${key}: unknown setting`).join('; ');
  }
  const isMissing = issue.message.endsWith('received undefined');
  return `${path || 'configuration'}: ${isMissing ? 'is missing' : issue.message}`;
}
