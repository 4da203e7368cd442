import { z } from 'zod';
import { data } from './envelope.ts';
import { mac, name, uint } from './fields.ts';

/** Something that happened, to the device or to one of its clients. */
export const event = data.extend({
  class: z.enum(['device', 'wifi.connected', 'wired']),
  name: z
    .string()
    .regex(/^[a-z0-9]+([.-][a-z0-9]+)*$/)
    .max(64),
  severity: z.enum(['info', 'warning', 'error']),
  client: mac.optional(),
  details: z.record(z.string().max(64), z.union([name, uint, z.boolean()])).optional(),
});
export type Event = z.infer<typeof event>;
