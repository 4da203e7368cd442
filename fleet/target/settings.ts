import { z } from 'zod';
import { DEFAULT_TOPIC_TEMPLATE, topicTemplateProblem } from '../../protocol/topic-layout.ts';
import { plainTemplateProblem } from './plain-template.ts';

/**
 * What stands at the other end, and how devices prove themselves to it. `none`: a back end that does not speak
 * airherd's protocol; its PUBACK is all that it ever says.
 */
export const targetSettings = z
  .strictObject({
    proof: z.enum(['exporter', 'challenge', 'token', 'none']).default('exporter'),
    /** Topics; with `none` of what is sent up only. */
    topics: z.string().optional(),
    /** With `none`: `cbor`, `json`, or a text with {serial} {stream} {seq} {timeMs} {mac} {kind} {model} {message}. */
    payload: z
      .union([z.enum(['cbor', 'json']), z.strictObject({ template: z.string().min(1).max(65_536) })])
      .default('cbor'),
    minTls: z.enum(['1.2', '1.3']).default('1.3'),
    alpn: z.array(z.string().min(1).max(255)).max(8).default([]),
    /** Authorities of the target's certificate, PEM; beside those that the identities trust. */
    trustPem: z.array(z.string().includes('-----BEGIN CERTIFICATE-----')).max(32).default([]),
    username: z.string().min(1).max(255).optional(),
    password: z.string().min(1).max(1024).optional(),
  })
  .superRefine(({ proof, topics, payload }, context) => {
    const wrong = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (proof === 'exporter' && topics !== undefined) {
      wrong('topics', 'are those of the protocol unless proof is challenge, token or none');
    } else if (topics !== undefined) {
      const problem = proof === 'none' ? plainTemplateProblem(topics) : topicTemplateProblem(topics);
      if (problem) wrong('topics', problem);
    }
    if (proof !== 'none' && payload !== 'cbor') {
      wrong('payload', 'is CBOR unless proof is none: the cloud reads nothing else');
    }
    if (typeof payload === 'object') {
      const unknown = unknownPlaceholder(payload.template);
      if (unknown) wrong('payload', `there is no {${unknown}}`);
    }
  });

export type TargetSettings = z.infer<typeof targetSettings>;

/** Names of what a payload template may hold. */
export const PAYLOAD_PLACEHOLDERS = [
  'serial',
  'stream',
  'seq',
  'timeMs',
  'mac',
  'kind',
  'model',
  'message',
] as const;

function unknownPlaceholder(template: string): string | null {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  return names.find((name) => !(PAYLOAD_PLACEHOLDERS as readonly string[]).includes(name)) ?? null;
}

/** The part of an agent's configuration that says where it logs in, and how. */
export function cloudSettings({ proof, topics, payload: _payload, ...rest }: TargetSettings) {
  return {
    ...rest,
    // The agent itself knows no way to do without a proof: `none` replaces its login (plain-login.ts).
    proof: proof === 'none' ? ('challenge' as const) : proof,
    topics: proof === 'none' ? DEFAULT_TOPIC_TEMPLATE : (topics ?? DEFAULT_TOPIC_TEMPLATE),
  };
}
