/**
 * Scenarios as people write them:
 *
 *     scenario: the DHCP server dies
 *     seed: 7
 *     switches: 1
 *     clients: [{ id: phone, ssid: null }]
 *     timeline:
 *       - { do: fail, device: ap0, what: dhcp }
 *       - { do: join, client: phone, ssid: guest }
 *       - { expect: failed, client: phone, why: no-offer, within: 2 min }
 */
import { z } from 'zod';
import { type AgentConfigInput, configSchema } from '../../agent/config.ts';
import { LINK_BREAKS } from '../../platform/ports/link.ts';
import { PRIVACY_CLASSES } from '../../protocol/privacy.ts';
import { UP_STREAMS } from '../../protocol/topics.ts';
import {
  byLine,
  type LocatedProblem,
  type LocatedYaml,
  parseLocated,
  pathText,
  type Reading,
  schemaProblems,
} from '../../world/site/located-yaml.ts';
import { SECURITIES, SITE_KINDS, type Site } from '../../world/site/model.ts';
import { siteSchema } from '../../world/site/plan-schema.ts';
import { BROKER_NAMES } from '../brokers/kinds.ts';
import { durationMs } from '../duration.ts';
import { wantedEntry } from '../match.ts';
import type { ForeignCloud } from '../options.ts';

const duration = z
  .union([z.string(), z.number()])
  .refine((value) => isDuration(value), 'write a duration as 500 ms, 3 s, 10 min, 2 h or 8 days');
const name = z.string().min(1).max(64);
const device = name;
const client = name;
const within = duration.optional();
const metres = z.number().min(-10_000).max(10_000);
const at = duration.optional();
const api = {
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']).default('GET'),
  path: z.string().startsWith('/'),
  body: z.unknown().optional(),
};

/** What is done, by its name. */
export const ACTIONS = {
  fail: z.strictObject({
    do: z.literal('fail'),
    ...{ at, device: device.optional(), what: name },
    /** What the fault takes beside: port, vlan, delay, offMs ... */
    with: z.record(name, z.unknown()).optional(),
  }),
  mend: z.strictObject({ do: z.literal('mend'), at, device: device.optional(), what: name }),
  restart: z.strictObject({ do: z.literal('restart'), at, device }),
  copy: z.strictObject({ do: z.literal('copy'), at, device }),
  'replace-key': z.strictObject({ do: z.literal('replace-key'), at, device }),
  join: z.strictObject({
    do: z.literal('join'),
    at,
    client,
    ssid: name,
    wrongPassword: z.boolean().optional(),
  }),
  leave: z.strictObject({ do: z.literal('leave'), at, client }),
  walk: z.strictObject({
    do: z.literal('walk'),
    ...{ at, client, x: metres, y: metres },
    metresPerS: z.number().gt(0).max(100).optional(),
  }),
  link: z.strictObject({
    do: z.literal('link'),
    ...{ at, device },
    cut: z.boolean().optional(),
    delay: duration.optional(),
    jitter: duration.optional(),
    up: z.number().positive().optional(),
    down: z.number().positive().optional(),
    blackHole: z.boolean().optional(),
    break: z.enum(LINK_BREAKS).optional(),
    clear: z.boolean().optional(),
  }),
  'roll-out': z.strictObject({
    do: z.literal('roll-out'),
    ...{ at, version: name },
    settings: z.record(name, z.record(name, z.unknown())).optional(),
    sequence: z.number().int().min(1).optional(),
    stages: z.array(z.number().int().min(1).max(100)).optional(),
    maxFailures: z.number().int().min(0).optional(),
  }),
  'kill-cloud': z.strictObject({ do: z.literal('kill-cloud'), at }),
  'start-cloud': z.strictObject({ do: z.literal('start-cloud'), at }),
  'kill-broker': z.strictObject({ do: z.literal('kill-broker'), at }),
  'start-broker': z.strictObject({ do: z.literal('start-broker'), at }),
  wait: z.strictObject({ do: z.literal('wait'), at, for: duration }),
  api: z.strictObject({
    do: z.literal('api'),
    at,
    ...api,
    status: z.number().int().optional(),
    keep: z.record(name, name).optional(),
  }),
} as const;

/** What is expected, by its name. */
export const EXPECTATIONS = {
  associated: z.strictObject({
    expect: z.literal('associated'),
    at,
    client,
    ssid: name.optional(),
    ap: name.optional(),
    within,
  }),
  addressed: z.strictObject({
    expect: z.literal('addressed'),
    at,
    client,
    vlan: z.number().int().optional(),
    within,
  }),
  gone: z.strictObject({ expect: z.literal('gone'), at, client, within }),
  failed: z.strictObject({ expect: z.literal('failed'), at, client, why: name, within }),
  online: z.strictObject({ expect: z.literal('online'), at, device, within }),
  offline: z.strictObject({ expect: z.literal('offline'), at, device, within }),
  refused: z.strictObject({ expect: z.literal('refused'), at, device, code: name, within }),
  sends: z.strictObject({ expect: z.literal('sends'), at, device, stream: z.enum(UP_STREAMS), within }),
  drained: z.strictObject({ expect: z.literal('drained'), at, device, within }),
  firmware: z.strictObject({ expect: z.literal('firmware'), at, device, version: name, within }),
  'rolled-back': z.strictObject({ expect: z.literal('rolled-back'), at, device, version: name, within }),
  heard: z.strictObject({
    expect: z.literal('heard'),
    ...{ at, device, ssid: name, within },
    stranger: z.boolean().optional(),
  }),
  'disk-fault': z.strictObject({ expect: z.literal('disk-fault'), at, device, within }),
  /** Whoever copied the device logs in with that. */
  'copy-accepted': z.strictObject({ expect: z.literal('copy-accepted'), at, device }),
  'copy-refused': z.strictObject({ expect: z.literal('copy-refused'), at, device, code: name }),
  crowd: z.strictObject({
    expect: z.literal('crowd'),
    ...{ at, within },
    atLeast: z.number().int().optional(),
    atMost: z.number().int().optional(),
  }),
  balanced: z.strictObject({ expect: z.literal('balanced'), at, within }),
  api: z.strictObject({
    expect: z.literal('api'),
    at,
    path: z.string().startsWith('/'),
    contains: z.string().optional(),
    lacks: z.string().optional(),
    /** Entries of a list, or those that have these fields. */
    has: wantedEntry.optional(),
    atLeast: z.number().int().optional(),
    atMost: z.number().int().optional(),
    keep: z.record(name, name).optional(),
    within,
  }),
} as const;

export type ScenarioStep =
  | z.infer<(typeof ACTIONS)[keyof typeof ACTIONS]>
  | z.infer<(typeof EXPECTATIONS)[keyof typeof EXPECTATIONS]>;

/** Only looked at: what it leaves open is the lab's to put in. */
const withIssuesOf = (schema: z.ZodType) => (value: unknown, context: z.RefinementCtx) => {
  for (const issue of schema.safeParse(value).error?.issues ?? []) context.addIssue({ ...issue });
};
const site = siteSchema('strict');
const deviceConfig = configSchema.omit({ cloud: true }).partial();
const deviceOptions = z.strictObject({
  id: name.optional(),
  certificate: duration.optional(),
  clockOffMs: z.number().optional(),
  /** As the agent's own file has it. */
  config: z
    .custom<Omit<Partial<AgentConfigInput>, 'cloud'>>()
    .superRefine(withIssuesOf(deviceConfig))
    .optional(),
});
const clientOptions = z.strictObject({
  id: name.optional(),
  kind: z
    .enum(['phone', 'tablet', 'laptop', 'printer', 'camera', 'scanner', 'iot', 'tag', 'wearable'])
    .optional(),
  x: metres.optional(),
  y: metres.optional(),
  ssid: name.nullable().optional(),
  wired: z.strictObject({ device: name, port: name }).optional(),
  hostName: z.string().max(255).optional(),
});
const ssid = z.strictObject({
  name: z.string().min(1).max(32),
  vlan: z.number().int().min(1).max(4094),
  security: z.enum(SECURITIES),
  passphrase: z.string().min(8).max(63).nullable().default(null),
});
const many = z.number().int().min(0).max(1000);

const scenarioSchema = z.strictObject({
  scenario: z.string().min(1).max(200),
  seed: z.number().int().min(0).max(0xffff_ffff).default(1),
  start: z.iso.datetime({ offset: true }).optional(),
  clock: z.enum(['virtual', 'real']).optional(),
  broker: z.enum(['own', ...BROKER_NAMES]).optional(),
  aps: z.union([many, z.array(deviceOptions)]).optional(),
  switches: z.union([many, z.array(deviceOptions)]).optional(),
  clients: z.union([many, z.array(clientOptions)]).optional(),
  /** The lab's networks, in place of corp, guest and secure. */
  ssids: z.array(ssid).min(1).optional(),
  /** Yours, and what devices need there. */
  cloud: z
    .strictObject({ url: z.string(), config: z.custom<ForeignCloud['config']>().optional() })
    .optional(),
  world: z
    .strictObject({
      kind: z.enum(SITE_KINDS).optional(),
      floors: z.number().int().min(1).max(50).optional(),
      seats: z.number().int().min(1).max(100_000).optional(),
      crowd: z.number().int().min(0).max(10_000).optional(),
      happenings: z.string().optional(),
      /** Whole, as `airherd world make` writes it. */
      site: z.custom<Site>().superRefine(withIssuesOf(site)).optional(),
      beaconsOneIn: z.number().int().min(1).optional(),
      ble: z.boolean().optional(),
    })
    .optional(),
  faults: z.array(name).optional(),
  privacyClasses: z.array(z.enum(PRIVACY_CLASSES)).optional(),
  timeline: z.array(z.unknown()).min(1),
});

export interface Scenario extends Omit<z.infer<typeof scenarioSchema>, 'timeline'> {
  timeline: readonly { step: ScenarioStep; line: number }[];
}

function isDuration(value: string | number): boolean {
  try {
    durationMs(value);
    return true;
  } catch {
    return false;
  }
}

/** All that is wrong at once, each with its line. */
export function readScenario(text: string): Reading<Scenario> {
  const yaml = parseLocated(text);
  if (!yaml.ok) return yaml;
  const problems: LocatedProblem[] = [];
  const file = scenarioSchema.safeParse(yaml.value.data);
  if (!file.success) problems.push(...schemaProblems(file.error, yaml.value));
  const { data } = yaml.value;
  const written =
    typeof data === 'object' && data !== null && 'timeline' in data && Array.isArray(data.timeline)
      ? data.timeline
      : [];
  const timeline = written.flatMap((item: unknown, i) => stepOf(item, i, yaml.value, problems));
  if (problems.length > 0 || !file.success) return { ok: false, problems: byLine(problems) };
  return { ok: true, value: { ...file.data, timeline } };
}

function stepOf(item: unknown, index: number, yaml: LocatedYaml, problems: LocatedProblem[]) {
  const path = ['timeline', index];
  const line = yaml.lineOf(path);
  const schema = schemaOf(item);
  if (typeof schema === 'string') {
    problems.push({ path: pathText(path), line, message: schema });
    return [];
  }
  const parsed = schema.safeParse(item);
  if (parsed.success) return [{ step: parsed.data, line }];
  problems.push(...schemaProblems(parsed.error, yaml, path));
  return [];
}

function schemaOf(item: unknown): z.ZodType<ScenarioStep> | string {
  if (typeof item === 'object' && item !== null) {
    if ('do' in item) return named(ACTIONS, String(item.do), 'action');
    if ('expect' in item) return named(EXPECTATIONS, String(item.expect), 'expectation');
  }
  return 'write do: or expect:';
}

const named = (known: Readonly<Record<string, z.ZodType<ScenarioStep>>>, is: string, what: string) =>
  Object.hasOwn(known, is) ? known[is] : `no ${what} ${is}; there are ${Object.keys(known).join(', ')}`;
