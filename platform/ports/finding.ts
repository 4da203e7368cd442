/** What a daemon or the kernel has found out by itself. MAC addresses are `aa:bb:cc:dd:ee:ff`; absent means not said. */

/** A Wi-Fi station, as its access point (hostapd, the driver) knows it. */
export interface StationFinding {
  kind: 'station';
  mac: string;
  state: 'authenticating' | 'associated' | 'left';
  bssid?: string;
  ssid?: string;
  frequencyMhz?: number;
  rssiDbm?: number;
  /** Who it proved to be (802.1X). */
  userName?: string;
  vlan?: number;
  timeMs: number;
}

/** A host in a bridge's forwarding table. */
export interface HostFinding {
  kind: 'host';
  mac: string;
  port: string;
  vlan?: number;
  /** Who it proved to be (802.1X). */
  userName?: string;
  timeMs: number;
}

/** A neighbour that an LLDP daemon knows; subtypes and capability bits as in IEEE 802.1AB 8.5. */
export interface NeighbourFinding {
  kind: 'neighbour';
  port: string;
  sourceMac?: string;
  chassisIdSubtype: number;
  chassisId: string;
  portIdSubtype: number;
  portId: string;
  /** 0: it is gone. */
  ttlS: number;
  portDescription?: string;
  systemName?: string;
  systemDescription?: string;
  capabilities?: number;
  enabledCapabilities?: number;
  managementAddresses?: string[];
  portVlan?: number;
  timeMs: number;
}

/** A port of a switch, with its counters since it came up. */
export interface PortFinding {
  kind: 'port';
  port: string;
  mac?: string;
  up: boolean;
  speedMbps?: number;
  fullDuplex?: boolean;
  mtu?: number;
  rxBytes: number;
  txBytes: number;
  rxPackets: number;
  txPackets: number;
  rxErrors: number;
  txErrors: number;
  rxDropped: number;
  txDropped: number;
  /** VLANs that it carries, and the one of untagged frames. */
  vlans?: number[];
  nativeVlan?: number;
  /** Spanning tree. */
  stp?: 'disabled' | 'listening' | 'learning' | 'forwarding' | 'blocking';
  poe?: { enabled: boolean; delivering: boolean; class?: number; milliwatts?: number };
  /** Lines of the forwarding table that point to it. */
  hosts?: number;
}

/** A radio, and how busy its channel is. */
export interface RadioFinding {
  kind: 'radio';
  radio: string;
  mac?: string;
  ssid?: string;
  frequencyMhz: number;
  widthMhz?: number;
  txPowerDbm?: number;
  noiseDbm?: number;
  /** Share of the time since the last report, percent; of receiving and sending by this radio among it. */
  busyPercent?: number;
  rxPercent?: number;
  txPercent?: number;
  stations?: number;
}

/** Something that happened to a station: what there is no frame of, or not one that everybody hears. */
export interface HappeningFinding {
  kind: 'happening';
  name: 'client-associated' | 'client-left' | 'client-authenticated' | 'client-authentication-failed';
  mac: string;
  bssid?: string;
  reason?: string;
  timeMs: number;
}

export type Finding =
  | StationFinding
  | HostFinding
  | NeighbourFinding
  | PortFinding
  | RadioFinding
  | HappeningFinding;
