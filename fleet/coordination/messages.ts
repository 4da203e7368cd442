/** What a coordinator and its workers say to each other over an MQTT broker: JSON, checked at both ends. */
import { z } from 'zod';
import { COUNTERS, HISTOGRAMS } from '../metrics/names.ts';

const shard = z.number().int().min(0).max(4095);
const wallMs = z.number();
const counters = z.strictObject(
  Object.fromEntries(COUNTERS.map((name) => [name, z.number()])) as Record<
    (typeof COUNTERS)[number],
    z.ZodNumber
  >,
);
const histograms = z.strictObject(
  Object.fromEntries(HISTOGRAMS.map((name) => [name, z.string()])) as Record<
    (typeof HISTOGRAMS)[number],
    z.ZodString
  >,
);

export const shardSnapshot = z.strictObject({
  metrics: z.strictObject({ histograms, counters, failuresByCode: z.record(z.string(), z.number()) }),
  loopDelayMs: z.number(),
  utilization: z.number(),
  cpuWait: z.number(),
  memoryBytes: z.number(),
});

/** To one worker. */
export const order = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ping'), id: z.number() }),
  z.strictObject({
    type: z.literal('prepare'),
    shard,
    shards: z.number().int().min(1).max(4096),
    /** As `parseFleetConfig` takes it. */
    config: z.record(z.string(), z.unknown()),
  }),
  z.strictObject({
    type: z.literal('begin'),
    shard,
    /** By the worker's own clock. */
    startWallMs: wallMs,
    /** Of a share that another worker had: what was due before is due now. */
    resumeWallMs: wallMs.optional(),
  }),
  z.strictObject({ type: z.literal('stop'), shard }),
  /** The run is over. */
  z.strictObject({ type: z.literal('done') }),
]);
export type Order = z.infer<typeof order>;

/** From one worker. */
export const report = z.discriminatedUnion('type', [
  /** Once a second, and first of all. `session` is another after a restart. */
  z.strictObject({ type: z.literal('alive'), session: z.string() }),
  z.strictObject({ type: z.literal('pong'), id: z.number(), wallMs }),
  /** `serials` is a digest of the devices' names: all workers must have the same. */
  z.strictObject({ type: z.literal('ready'), shard, serials: z.string() }),
  z.strictObject({
    type: z.literal('failed'),
    shard,
    code: z.string(),
    parameters: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
  z.strictObject({ type: z.literal('snapshot'), shard, snapshot: shardSnapshot }),
  z.strictObject({ type: z.literal('final'), shard, snapshot: shardSnapshot }),
  /** Its connection ended without a word: the broker says so in its name. */
  z.strictObject({ type: z.literal('gone'), session: z.string() }),
]);
export type Report = z.infer<typeof report>;

const PREFIX = 'airherd-fleet';
/** Run and worker names: one level of a topic each. */
export const isName = (text: string): boolean => /^[\w-]{1,64}$/.test(text);
export const orderTopic = (run: string, worker: string): string => `${PREFIX}/${run}/to/${worker}`;
export const reportTopic = (run: string, worker: string): string => `${PREFIX}/${run}/from/${worker}`;
export const reportFilter = (run: string): string => `${PREFIX}/${run}/from/+`;
export const workerOf = (topic: string): string => topic.split('/')[3] ?? '';

export function parseMessage<T>(schema: z.ZodType<T>, payload: Uint8Array): T | null {
  try {
    const parsed = schema.safeParse(JSON.parse(Buffer.from(payload).toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
