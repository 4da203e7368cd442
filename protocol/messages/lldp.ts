import { z } from 'zod';
import { data } from './envelope.ts';
import { ipText, mac, name, uint } from './fields.ts';

/** A neighbour heard by LLDP (IEEE 802.1AB). Ids are text as `lldpcli` shows them. */
export const neighbour = z.strictObject({
  port: name,
  sourceMac: mac,
  chassisIdSubtype: uint.max(255),
  chassisId: name,
  portIdSubtype: uint.max(255),
  portId: name,
  ttlS: uint.max(65535),
  portDescription: name.optional(),
  systemName: name.optional(),
  systemDescription: z.string().max(512).optional(),
  /** Capability bits of 8.5.8, available and enabled. */
  capabilities: uint.max(65535).optional(),
  enabledCapabilities: uint.max(65535).optional(),
  managementAddresses: z.array(ipText).max(8).optional(),
  portVlan: uint.max(4094).optional(),
  lastSeenMs: uint,
});
export type Neighbour = z.infer<typeof neighbour>;

export const lldp = data.extend({
  class: z.literal('lldp'),
  neighbours: z.array(neighbour).min(1).max(256),
});
export type Lldp = z.infer<typeof lldp>;
