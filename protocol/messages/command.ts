import { z } from 'zod';
import { data } from './envelope.ts';
import { bytesUpTo, name } from './fields.ts';

const COMMANDS = [
  'renew',
  'install-certificate',
  'rotate-factory-key',
  'install-factory-key',
  'restart',
  'locate',
  'support-bundle',
  'capture-start',
  'capture-stop',
  'erase-subject',
] as const;

const value = z.union([z.string().max(8192), z.number(), z.boolean(), bytesUpTo(16 * 1024)]);

/** Cloud to device. A device answers each `id` once on its `reply` stream, also when it is delivered twice. */
export const command = z.strictObject({
  v: z.literal(1),
  id: z.string().min(1).max(64),
  name: z.enum(COMMANDS),
  args: z.record(z.string().max(64), value),
});
export type Command = z.infer<typeof command>;

/** Device to cloud. `ok` false carries a code of the error catalogue. */
export const reply = data.extend({
  class: z.literal('device'),
  id: z.string().min(1).max(64),
  ok: z.boolean(),
  code: name.optional(),
  result: z.record(z.string().max(64), value).optional(),
});
export type Reply = z.infer<typeof reply>;
