import { z } from 'zod';
import { data } from './envelope.ts';
import { ipText, mac, name, uint } from './fields.ts';

/** A host seen on a wired port: the newest record of a MAC and port replaces the one before it. */
export const wiredHost = z.strictObject({
  mac,
  randomized: z.boolean(),
  port: name,
  vlan: uint.max(4094).optional(),
  ip4: z.array(ipText).max(8).optional(),
  ip6: z.array(ipText).max(16).optional(),
  hostName: name.optional(),
  userName: name.optional(),
  userAgent: z.string().max(1024).optional(),
  manufacturer: name.optional(),
  family: name.optional(),
  os: name.optional(),
  confidence: z.number().min(0).max(1).optional(),
  lastSeenMs: uint,
});
export type WiredHost = z.infer<typeof wiredHost>;

export const wired = data.extend({
  class: z.literal('wired'),
  hosts: z.array(wiredHost).min(1).max(256),
});
export type Wired = z.infer<typeof wired>;
