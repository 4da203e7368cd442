/**
 * A simulated site as plain data: metres, dBm, MACs as `aa:bb:cc:dd:ee:ff`. x grows to the east, y to the
 * north, z is the height above the floor. Ids are unique within the site. Nothing here changes during a run.
 */

export interface Point {
  x: number;
  y: number;
}

export type Band = '2.4' | '5' | '6';

/** A straight piece of wall; a signal through it loses what its material takes at the signal's band. */
export interface Wall {
  from: Point;
  to: Point;
  material: string;
}

export type RoomKind =
  | 'office'
  | 'meeting'
  | 'corridor'
  | 'lobby'
  | 'class'
  | 'ward'
  | 'stand'
  | 'shop'
  | 'store'
  | 'home'
  | 'canteen'
  | 'stairs';

/** What goes on in a site; an office where nothing is said. */
export const SITE_KINDS = ['home', 'office', 'school', 'hospital', 'stadium', 'shop'] as const;
export type SiteKind = (typeof SITE_KINDS)[number];

export interface Room {
  id: string;
  kind: RoomKind;
  /** Corners in order; a simple polygon. */
  outline: Point[];
  /** How many people it holds when full. */
  seats: number;
}

export interface Floor {
  id: string;
  /** 0 is the ground floor. */
  level: number;
  heightM: number;
  outline: Point[];
  walls: Wall[];
  rooms: Room[];
}

export interface Place extends Point {
  floor: string;
  z: number;
}

export interface Radio {
  band: Band;
  channel: number;
  widthMHz: number;
  powerDbm: number;
  /** One BSSID per SSID of the site, in the site's order. */
  bssids: string[];
}

/** Bluetooth array: the gain of a beam falls off with the angle from where it points. */
export interface BleArray {
  powerDbm: number;
  /** Degrees from north, clockwise. Empty: one omnidirectional antenna. */
  beamsDeg: number[];
}

export interface AccessPoint {
  id: string;
  name: string;
  model: string;
  mac: string;
  at: Place;
  /** dB above an ideal isotropic antenna in the horizontal plane, and less above and below it. */
  antennaGainDb: number;
  radios: Radio[];
  ble: BleArray | null;
}

export interface Port {
  id: string;
  mac: string;
  vlan: number;
  /** VLANs that are carried tagged. */
  tagged: number[];
  speedMbps: number;
  /** Watts that the port can give; 0 without PoE. */
  poeWatts: number;
}

export interface Switch {
  id: string;
  name: string;
  model: string;
  mac: string;
  at: Place;
  ports: Port[];
  poeBudgetWatts: number;
  /** Spanning tree bridge priority (IEEE 802.1D), a multiple of 4096. */
  bridgePriority: number;
  /** Switches of one stack share this name; null for one that stands alone. */
  stack: string | null;
}

/** An end of a wire: a switch and its port, an access point (`uplink`), or a wired being. */
export interface WireEnd {
  device: string;
  port: string;
}

export interface Wire {
  id: string;
  a: WireEnd;
  b: WireEnd;
  /** A second way on purpose: spanning tree is to block it. */
  redundant: boolean;
}

export const SECURITIES = ['open', 'wpa2-psk', 'wpa3-sae', 'wpa2-enterprise'] as const;
export type Security = (typeof SECURITIES)[number];

export interface Ssid {
  name: string;
  vlan: number;
  security: Security;
  passphrase: string | null;
}

export interface Network {
  vlan: number;
  name: string;
  /** Prefix length with the address, `10.1.0.0/16`. */
  ipv4: string;
  ipv6: string | null;
  gateway: { mac: string; ipv4: string };
}

/** What answers the clients. Where it stands does not matter to the radio. */
export interface Servers {
  dhcp: { mac: string; ipv4: string; leaseS: number; poolSize: number };
  dns: { mac: string; ipv4: string; domain: string };
  radius: { mac: string; ipv4: string };
}

/** A client that is put somewhere by hand, beside those that the seed gives. */
export interface PlacedClient {
  id: string;
  kind: 'phone' | 'tablet' | 'laptop' | 'printer' | 'camera' | 'scanner' | 'iot' | 'tag' | 'wearable';
  at: Place;
  /** The switch port that it hangs on; by radio without one. */
  wired: WireEnd | null;
}

/** `3gpp-inh-office` is with, `3gpp-inh-office-nlos` without line of sight. Only `log-distance` has parameters. */
export const PATH_LOSSES = [
  'tgax-enterprise',
  '3gpp-inh-office',
  '3gpp-inh-office-nlos',
  'itu-p1238-office',
  'log-distance',
] as const;

export interface SitePathLoss {
  model: (typeof PATH_LOSSES)[number];
  lossAt1mDb?: number;
  exponent?: number;
}

export interface Site {
  name: string;
  kind?: SiteKind;
  seed: number;
  timeZone: string;
  floors: Floor[];
  accessPoints: AccessPoint[];
  switches: Switch[];
  wires: Wire[];
  ssids: Ssid[];
  networks: Network[];
  servers: Servers;
  clients?: PlacedClient[];
  /** How signal falls off with distance, where it is not as usual: `tgax-enterprise`, and `log-distance` for BLE. */
  radio?: { wifi?: SitePathLoss; ble?: SitePathLoss };
}
