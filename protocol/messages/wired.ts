import { z } from 'zod';
import { data } from './envelope.ts';
import { name } from './fields.ts';
import { hostFields } from './host.ts';

/** A host seen on a wired port: the newest record of a MAC and port replaces the one before it. */
export const wiredHost = z.strictObject({
  ...hostFields,
  port: name,
  /** Nothing was heard of it there for too long. */
  gone: z.literal(true).optional(),
});
export type WiredHost = z.infer<typeof wiredHost>;

export const wired = data.extend({
  class: z.literal('wired'),
  hosts: z.array(wiredHost).min(1).max(256),
});
export type Wired = z.infer<typeof wired>;
