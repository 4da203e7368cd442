import { z } from 'zod';
import { data } from './envelope.ts';
import { mac, name, rssiDbm, uint } from './fields.ts';
import { hostFields } from './host.ts';

export const rssiSummary = z.strictObject({
  last: rssiDbm,
  min: rssiDbm,
  max: rssiDbm,
  mean: z.number().min(-128).max(127),
  count: uint,
});

/** A Wi-Fi client as known at `monoMs`: the newest record of a MAC replaces the one before it. */
export const client = z.strictObject({
  ...hostFields,
  state: z.enum(['probing', 'authenticating', 'associated', 'left']),
  bssid: mac.optional(),
  ssid: name.optional(),
  band: z.enum(['2.4', '5', '6']).optional(),
  channel: uint.max(255).optional(),
  rssi: rssiSummary.optional(),
});
export type Client = z.infer<typeof client>;

export const clients = data.extend({
  class: z.enum(['wifi.connected', 'wifi.unconnected']),
  clients: z.array(client).min(1).max(256),
});
export type Clients = z.infer<typeof clients>;
