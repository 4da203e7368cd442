/** What was observed, for people, the device link and `airherd observe --json`. Absent means not seen. */
import type { BleAddressType } from '../ble/address.ts';
import type { BleFormat } from '../ble/format.ts';
import type { RssiFrames, RssiSummary } from './rssi.ts';

/** Number of the frame that each field came from; lists run parallel to the field's own. */
export interface HostProvenance {
  mac: number;
  ip4?: number[];
  ip6?: number[];
  hostName?: number;
  userName?: number;
  userAgent?: number;
  tlsFingerprint?: number;
  vlan?: number;
  family?: number;
  os?: number;
  confidence?: number[];
}

/** What is known of a device by its MAC address, however it is attached. */
export interface HostRecord {
  /** `aa:bb:cc:dd:ee:ff`; the manufacturer follows from it. */
  mac: string;
  /** Locally administered (IEEE 802-2014 8.4): what phones make up for each network. */
  randomized: boolean;
  manufacturer?: string;
  /** Last learned first. */
  ip4?: string[];
  ip6?: string[];
  /** Texts that the device chose: any Unicode, control characters included. Escape them before printing. */
  hostName?: string;
  userName?: string;
  userAgent?: string;
  /** JA4, only where it was asked for. */
  tlsFingerprint?: string;
  vlan?: number;
  family?: string;
  os?: string;
  /** 0 to 1: how sure `family` and `os` are. */
  confidence?: number;
  /** Frames that it transmitted. */
  frames: number;
  /** Unix time of the frames, milliseconds. */
  firstSeenMs: number;
  lastSeenMs: number;
}

export type ClientState = 'probing' | 'authenticating' | 'associated' | 'left';
export type Band = '2.4' | '5' | '6';

/** A Wi-Fi station that is not an access point. */
export interface ClientRecord extends HostRecord {
  state: ClientState;
  bssid?: string;
  ssid?: string;
  band?: Band;
  channel?: number;
  /** Of the frames that the client itself transmitted. */
  rssi?: RssiSummary;
  provenance: HostProvenance & {
    state: number;
    bssid?: number;
    ssid?: number;
    band?: number;
    channel?: number;
    rssi?: RssiFrames;
  };
}

/** A host that was seen to transmit on a wired port. */
export interface WiredRecord extends HostRecord {
  port: string;
  /** Nothing was heard of it there for too long. */
  gone?: true;
  provenance: HostProvenance & { port: number };
}

/** An access point, by its BSSID, from its beacons and probe responses. */
export interface AccessPointRecord {
  bssid: string;
  ssid?: string;
  band?: Band;
  channel?: number;
  rssi?: RssiSummary;
  lastSeenMs: number;
  provenance: { bssid: number; ssid?: number; channel?: number; band?: number; rssi?: RssiFrames };
}

/** A neighbour that announced itself by LLDP (IEEE 802.1AB) or CDP. */
export interface NeighbourRecord {
  protocol: 'lldp' | 'cdp';
  port: string;
  sourceMac: string;
  chassisIdSubtype: number;
  chassisId: string;
  portIdSubtype: number;
  portId: string;
  /** Seconds; 0 is a goodbye. */
  ttlS: number;
  portDescription?: string;
  systemName?: string;
  systemDescription?: string;
  /** Bits of 8.5.8. */
  capabilities?: number;
  enabledCapabilities?: number;
  managementAddresses?: string[];
  portVlan?: number;
  firstSeenMs: number;
  lastSeenMs: number;
  /** Every field is that of the newest frame. */
  provenance: { frame: number };
}

export interface BleRecord {
  address: string;
  addressType: BleAddressType;
  format?: BleFormat;
  localName?: string;
  companyId?: number;
  advertisingData: Uint8Array;
  rssi?: RssiSummary;
  frames: number;
  firstSeenMs: number;
  lastSeenMs: number;
  provenance: {
    address: number;
    addressType: number;
    localName?: number;
    companyId?: number;
    format?: number;
    advertisingData: number;
    rssi?: RssiFrames;
  };
}
