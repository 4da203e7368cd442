/**
 * CBOR in and out of messages. Hostile bytes are refused before they cost anything: size first, then a scan
 * that bounds depth, lengths and tags without building a value, then decoding, then the message's schema.
 */
import { Encoder } from 'cbor-x';
import type { z } from 'zod';
import { type Gap, gap } from './messages/envelope.ts';
import { type DownMessage, downSchemas, type UpMessage, upSchemas } from './messages/registry.ts';
import { scanCbor } from './scan.ts';
import type { DownTopic, UpStream } from './topics.ts';

/** Largest message, bytes; `welcome.maxPacket` may be lower. */
export const MAX_MESSAGE_BYTES = 256 * 1024;

const options = {
  useRecords: false,
  mapsAsObjects: true,
  tagUint8Array: false,
  variableMapSize: true,
  // Integers of eight bytes as numbers, not BigInt; scanCbor has refused those beyond 2^53. Not in cbor-x's types.
  int64AsNumber: true,
};
const cbor = new Encoder(options);

export type Decoded<T> = { ok: true; message: T } | { ok: false; reason: string };

export const encode = (message: object): Buffer => cbor.encode(wideIntegers(message));

/** What `encode` wrote, from a place that nobody else can write to: not checked again. */
export const decodeOwn = (bytes: Uint8Array): unknown => cbor.decode(bytes);

/**
 * cbor-x writes numbers from 2^32 on as floats, where the schema says integer; as BigInt it writes them as such.
 * What holds none is passed on as it is: messages are mostly small numbers, and copies cost more than the encoding.
 */
function wideIntegers(value: unknown): unknown {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && Math.abs(value) > 0xffffffff ? BigInt(value) : value;
  }
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return wideArray(value);
  const fields: Record<string, unknown> = value as Record<string, unknown>;
  let copy: Record<string, unknown> | null = null;
  for (const key of Object.keys(fields)) {
    const inner = wideIntegers(fields[key]);
    if (inner === fields[key]) continue;
    copy ??= { ...fields };
    copy[key] = inner;
  }
  return copy ?? value;
}

function wideArray(items: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | null = null;
  for (let i = 0; i < items.length; i++) {
    const inner = wideIntegers(items[i]);
    if (inner === items[i]) continue;
    copy ??= [...items];
    copy[i] = inner;
  }
  return copy ?? items;
}

function decodeValue(payload: Uint8Array): Decoded<unknown> {
  if (payload.length > MAX_MESSAGE_BYTES) {
    return { ok: false, reason: `${payload.length} bytes, at most ${MAX_MESSAGE_BYTES}` };
  }
  const fault = scanCbor(payload);
  if (fault) return { ok: false, reason: fault };
  try {
    return { ok: true, message: cbor.decode(payload) };
  } catch {
    return { ok: false, reason: 'not decodable as CBOR' };
  }
}

function validate<T>(schema: z.ZodType, value: unknown): Decoded<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, message: parsed.data as T };
  const issue = parsed.error.issues[0];
  // The name of a field that is not ours is whatever the sender chose, and reasons are logged.
  const what = issue.code === 'unrecognized_keys' ? 'a field that is not known' : issue.message;
  return { ok: false, reason: `${issue.path.map(String).join('.') || 'message'}: ${what}` };
}

const isGap = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'gap';

/** A device's message of `stream`, or the gap that stands for some of them. */
export function decodeUp<S extends UpStream>(stream: S, payload: Uint8Array): Decoded<UpMessage<S> | Gap> {
  const value = decodeValue(payload);
  if (!value.ok) return value;
  return validate(isGap(value.message) ? gap : upSchemas[stream], value.message);
}

export function decodeDown<T extends Exclude<DownTopic, 'auth'>>(
  topic: T,
  payload: Uint8Array,
): Decoded<DownMessage<T>> {
  const value = decodeValue(payload);
  return value.ok ? validate(downSchemas[topic], value.message) : value;
}
