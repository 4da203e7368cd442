/**
 * Whatever sends in a site: people's devices, things on walls and desks, tags. Plain data, made from a seed by
 * `population`; nothing here changes during a run.
 */
import type { Band, Place } from '../site/model.ts';

export type BeingKind =
  | 'phone'
  | 'tablet'
  | 'laptop'
  | 'printer'
  | 'camera'
  | 'scanner'
  | 'iot'
  | 'tag'
  | 'wearable'
  | 'app';

/** How a device asks for an address (RFC 2131). */
export interface DhcpTraits {
  /** Option 55, in the order that this client sends it. */
  parameterRequestList: number[];
  /** Option 60. */
  vendorClass: string | null;
  /** Whether option 12 carries the host name. */
  sendsHostName: boolean;
  /** Option 81 as well. */
  sendsFqdn: boolean;
}

/** Which address a device shows. `burst`: each burst of probe requests has an address of its own. */
export interface MacPolicy {
  joined: 'permanent' | 'per-ssid';
  probing: 'permanent' | 'burst';
}

export interface WifiTraits {
  bands: Band[];
  /** The network it joins; null for one that only passes by and probes. */
  ssid: string | null;
  powerDbm: number;
  /** Amendments of IEEE 802.11 that it makes use of when it roams. */
  roaming: { k: boolean; v: boolean; r: boolean };
  /** Median time between bursts of probe requests while it is not connected. */
  burstGapMs: number;
  framesPerBurst: number;
}

export type BleAdvert =
  | { format: 'ibeacon'; uuid: string; major: number; minor: number; measuredPowerDbm: number }
  | { format: 'eddystone-uid'; namespace: string; instance: string; measuredPowerDbm: number }
  | { format: 'eddystone-url'; url: string; measuredPowerDbm: number }
  /** Manufacturer data as wearables and phones send them. */
  | { format: 'manufacturer'; company: number; data: string };

export interface BleTraits {
  advert: BleAdvert;
  /** 20 to 10,240 ms in steps of 0.625; the controller adds 0 to 10 ms each time (Core 5.4, Vol 6 B 4.4.2.2). */
  intervalMs: number;
  powerDbm: number;
  /** Resolvable private address, new after this long; null for a fixed random address. */
  rotatesMs: number | null;
}

/** Where in a day a being is on site; see world/life. */
export type Schedule =
  | 'staff'
  | 'shift'
  | 'pupil'
  | 'visitor'
  | 'resident'
  | 'patient'
  | 'fan'
  | 'asset'
  | 'fixed';

export interface Being {
  id: string;
  /** Number in the site; what draws of chance are keyed by. */
  index: number;
  kind: BeingKind;
  manufacturer: string;
  model: string;
  /** As people write it, without the version: `iOS`, `Windows`, `Android`. Empty for a bare tag. */
  os: string;
  osVersion: string;
  /** Burnt in: universally administered, in a block of its manufacturer. */
  mac: string;
  macPolicy: MacPolicy;
  hostName: string | null;
  /** 802.1X identity. */
  userName: string | null;
  dhcp: DhcpTraits | null;
  /** Of its plain HTTP requests (captive portal checks, mostly). */
  userAgent: string | null;
  wifi: WifiTraits | null;
  /** A port of a switch, for what hangs on a cable. */
  wired: { device: string; port: string } | null;
  ble: BleTraits | null;
  /** Whose pocket or desk it is in: beings with the same owner go about together. */
  owner: number;
  /** Its desk, bed, seat or shelf. */
  home: Place & { room: string };
  schedule: Schedule;
}
