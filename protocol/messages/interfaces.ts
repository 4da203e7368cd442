import { z } from 'zod';
import { data } from './envelope.ts';
import { mac, name, rssiDbm, uint } from './fields.ts';

const percent = z.number().int().min(0).max(100);
const vlan = z.number().int().min(1).max(4094);

/** A port of a switch; counters are the kernel's, since the port came up. */
export const switchPort = z.strictObject({
  port: name,
  mac: mac.optional(),
  up: z.boolean(),
  speedMbps: uint.optional(),
  fullDuplex: z.boolean().optional(),
  mtu: uint.optional(),
  rxBytes: uint,
  txBytes: uint,
  rxPackets: uint,
  txPackets: uint,
  rxErrors: uint,
  txErrors: uint,
  rxDropped: uint,
  txDropped: uint,
  vlans: z.array(vlan).max(4094).optional(),
  /** Of untagged frames. */
  nativeVlan: vlan.optional(),
  /** Spanning tree (IEEE 802.1D 17.10). */
  stp: z.enum(['disabled', 'listening', 'learning', 'forwarding', 'blocking']).optional(),
  poe: z
    .strictObject({
      enabled: z.boolean(),
      delivering: z.boolean(),
      class: z.number().int().min(0).max(8).optional(),
      milliwatts: uint.optional(),
    })
    .optional(),
  /** Lines of the forwarding table that point to it. */
  hosts: uint.optional(),
});
export type SwitchPort = z.infer<typeof switchPort>;

/** A radio of an access point, and how busy its channel was since the last report. */
export const radio = z.strictObject({
  radio: name,
  mac: mac.optional(),
  ssid: name.optional(),
  frequencyMhz: uint,
  widthMhz: uint.optional(),
  txPowerDbm: rssiDbm.optional(),
  noiseDbm: rssiDbm.optional(),
  busyPercent: percent.optional(),
  rxPercent: percent.optional(),
  txPercent: percent.optional(),
  stations: uint.optional(),
});
export type Radio = z.infer<typeof radio>;

/** What the device's own ports and radios do; the newest of a name replaces the one before it. */
export const interfaces = data.extend({
  class: z.literal('device'),
  ports: z.array(switchPort).max(128),
  radios: z.array(radio).max(16),
});
export type Interfaces = z.infer<typeof interfaces>;
