/** Field types that several messages share. Bounds are those of `schema.cddl`. */
import { z } from 'zod';

/** Whatever memory they are in: Node's Buffers may share theirs. */
const anyBytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'must be bytes');

export const bytes = (length: number) =>
  anyBytes.refine((value) => value.length === length, `must be ${length} bytes`);
export const bytesUpTo = (length: number) =>
  anyBytes.refine((value) => value.length <= length, `must be at most ${length} bytes`);

export const mac = bytes(6);
export const uint = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Text that a client or neighbour chose: any Unicode, at most 255 characters. */
export const name = z.string().max(255);
export const ipText = z.string().min(2).max(45);
export const rssiDbm = z.number().int().min(-128).max(127);
