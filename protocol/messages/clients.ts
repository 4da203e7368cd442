import { z } from 'zod';
import { data } from './envelope.ts';
import { ipText, mac, name, rssiDbm, uint } from './fields.ts';

export const rssiSummary = z.strictObject({
  last: rssiDbm,
  min: rssiDbm,
  max: rssiDbm,
  mean: z.number().min(-128).max(127),
  count: uint,
});

/** A Wi-Fi client as known at `monoMs`: the newest record of a MAC replaces the one before it. */
export const client = z.strictObject({
  mac,
  /** Locally administered address (IEEE 802 clause 8): most phones' random MACs. */
  randomized: z.boolean(),
  state: z.enum(['probing', 'authenticating', 'associated', 'left']),
  bssid: mac.optional(),
  ssid: name.optional(),
  band: z.enum(['2.4', '5', '6']).optional(),
  channel: uint.max(255).optional(),
  vlan: uint.max(4094).optional(),
  ip4: z.array(ipText).max(8).optional(),
  ip6: z.array(ipText).max(16).optional(),
  hostName: name.optional(),
  userName: name.optional(),
  userAgent: z.string().max(1024).optional(),
  manufacturer: name.optional(),
  family: name.optional(),
  os: name.optional(),
  /** 0 to 1: how sure `family` and `os` are. */
  confidence: z.number().min(0).max(1).optional(),
  rssi: rssiSummary.optional(),
  lastSeenMs: uint,
});
export type Client = z.infer<typeof client>;

export const clients = data.extend({
  class: z.enum(['wifi.connected', 'wifi.unconnected']),
  clients: z.array(client).min(1).max(256),
});
export type Clients = z.infer<typeof clients>;
