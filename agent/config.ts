import { z } from 'zod';
import { parseCloudUrl } from '../protocol/cloud-url.ts';
import { AirherdError } from '../protocol/errors.ts';
import { DEFAULT_TOPIC_TEMPLATE, topicTemplateProblem } from '../protocol/topic-layout.ts';

const KIB = 1024;
/** `exporter`: bound to this TLS connection. `challenge`, `token`: bound to a broker's certificate (docs/protocol.md). */
export const PROOF_FORMS = ['exporter', 'challenge', 'token'] as const;
export type ProofForm = (typeof PROOF_FORMS)[number];

function checkTemplate(template: string, context: z.RefinementCtx): void {
  const problem = topicTemplateProblem(template);
  if (problem) context.addIssue({ code: 'custom', message: problem });
}

/** What our own listener would refuse is refused here, where it can be mended. */
function checkProof(
  cloud: { proof: ProofForm; topics: string; username?: string; password?: string },
  context: z.RefinementCtx,
): void {
  const wrong = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message });
  if (cloud.proof === 'exporter' && cloud.topics !== DEFAULT_TOPIC_TEMPLATE) {
    wrong('topics', 'are those of the protocol unless proof is challenge or token');
  }
  if (cloud.proof !== 'challenge' && (cloud.username ?? cloud.password) !== undefined) {
    wrong('username', "and password are the device's own unless proof is challenge");
  }
}

const durationMs = z.number().int().min(1);

/** Every setting of an agent, with its default. Durations are milliseconds, sizes bytes. */
export const configSchema = z.strictObject({
  cloud: z
    .strictObject({
      /** mqtts://host[:port] */
      url: z.string().refine((text) => parseCloudUrl(text) !== null, 'must be mqtts://host[:port]'),
      /** Name that the cloud's certificate must have; the URL's host unless given. */
      serverName: z.string().min(1).max(253).optional(),
      /** TLS 1.2 only where it is asked for: its channel binding is weaker. */
      minTls: z.enum(['1.2', '1.3']).default('1.3'),
      /** For each step of a login. */
      timeoutMs: durationMs.max(600_000).default(10_000),
      keepaliveS: z.number().int().min(5).max(3600).default(30),
      /** SHA-256 of server certificates that are refused, hexadecimal. */
      revoked: z.array(z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')).default([]),
      /** How both sides prove themselves: to the cloud's own listener, or through a broker that is not the cloud's. */
      proof: z.enum(PROOF_FORMS).default('exporter'),
      /** Topics of that broker. */
      topics: z.string().superRefine(checkTemplate).default(DEFAULT_TOPIC_TEMPLATE),
      /** For endpoints that go by ALPN, such as x-amzn-mqtt-ca. */
      alpn: z.array(z.string().min(1).max(255)).max(8).default([]),
      /** Authorities of that broker's certificate, PEM, beside the device's own. */
      trustPem: z.array(z.string().includes('-----BEGIN CERTIFICATE-----')).max(32).default([]),
      /** For brokers that ask for them beside the certificate; `token` makes its own. */
      username: z.string().min(1).max(255).optional(),
      password: z.string().min(1).max(1024).optional(),
    })
    .superRefine(checkProof),
  clock: z
    .strictObject({
      /** Somebody vouches for the system clock: certificates are judged by it at once. */
      trusted: z.boolean().default(false),
    })
    .prefault({}),
  backoff: z
    .strictObject({
      minMs: durationMs.default(1_000),
      maxMs: durationMs.default(60_000),
      stableMs: durationMs.default(30_000),
    })
    .refine((value) => value.minMs <= value.maxMs, { message: 'must not be above maxMs', path: ['minMs'] })
    .prefault({}),
  outbox: z
    .strictObject({
      /** A folder, or "memory". Beside the identity unless given. */
      path: z.string().min(1).optional(),
      limitBytes: z
        .number()
        .int()
        .min(4 * KIB)
        .max(4 * KIB ** 3)
        .default(64 * KIB ** 2),
      segmentBytes: z
        .number()
        .int()
        .min(4 * KIB)
        .max(KIB ** 3)
        .default(4 * KIB ** 2),
      /** What a power cut may lose; 0 writes each message through. */
      fsyncMs: z.number().int().min(0).max(60_000).default(1_000),
    })
    .prefault({}),
  report: z
    .strictObject({
      /** Between looks at what has changed. */
      flushMs: durationMs.default(1_000),
      statsMs: durationMs.default(60_000),
      /** What was told is told again, and signal is told, no more often than this; 0 for whenever it was heard. */
      repeatMs: z.number().int().min(0).max(3_600_000).default(0),
      /** Clients and hosts that were not heard for so long have left, as with hostapd; 0 for never. */
      idleMs: z.number().int().min(0).max(86_400_000).default(300_000),
      /** Clients and hosts that are remembered; the one heard longest ago makes room. */
      maxHosts: z.number().int().min(16).max(65_536).default(8192),
    })
    .prefault({}),
  capture: z
    .strictObject({
      /** file:PATH, stdin, pipe:PATH, or one of the others that `airherd agent --help` lists. */
      sources: z.array(z.string().min(1)).max(64).default([]),
      /** Ships every frame, header-only, all the time. */
      stream: z.boolean().default(false),
      /** Captures around failures of clients. */
      dynamic: z.boolean().default(true),
    })
    .prefault({}),
  upgrade: z
    .strictObject({
      /** A new version has so long to log in and have telemetry stored; then the one before it runs again. */
      trialMs: durationMs.max(86_400_000).default(300_000),
    })
    .prefault({}),
  status: z
    .strictObject({
      /** host:port of a switch's status page. */
      listen: z.string().regex(/^.+:\d{1,5}$/, 'must be host:port'),
      user: z.string().min(1),
      /** scrypt:<salt>:<hash>, hexadecimal: airherd agent --hash-password */
      passwordHash: z.string().regex(/^scrypt:[0-9a-f]{32}:[0-9a-f]{64}$/, 'must be scrypt:<salt>:<hash>'),
    })
    .optional(),
  health: z
    .strictObject({
      /** Unix socket with /health and /metrics for this machine's own tools. */
      socket: z.string().min(1).max(100),
    })
    .optional(),
  log: z
    .strictObject({
      level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('error'),
    })
    .prefault({}),
});

export type AgentConfig = z.infer<typeof configSchema>;
export type AgentConfigInput = z.input<typeof configSchema>;

/** Validates, fills in defaults, freezes. Throws config-invalid with every problem and where it is. */
export function parseConfig(input: unknown, source: string): AgentConfig {
  const parsed = configSchema.safeParse(input);
  if (parsed.success) return deepFreeze(parsed.data);
  const detail = parsed.error.issues.map(describe).join('; ');
  throw new AirherdError('config-invalid', { source, detail });
}

function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${path ? `${path}.` : ''}${key}: unknown setting`).join('; ');
  }
  return `${path || 'configuration'}: ${issue.message}`;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}

/** Settings section by section, the later ones over the earlier; not judged yet. */
export function sectionsOver(base: object, ...over: readonly object[]): Record<string, unknown> {
  const sections = new Map<string, unknown>(Object.entries(base));
  for (const [name, inner] of over.flatMap(Object.entries)) {
    sections.set(name, Object.assign({}, sections.get(name), inner));
  }
  return Object.fromEntries(sections);
}
