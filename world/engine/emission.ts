/** What is sent, before it is asked who hears it. */
import type { LeaveReason } from '../association/acts.ts';
import type { Band, Place } from '../site/model.ts';

/** Whoever transmits by radio. `device` is the number that its draws of chance are keyed by. */
export interface Transmitter {
  device: number;
  powerDbm: number;
  /** Null while it has no place: then nobody hears it. */
  placeAt(timeUs: number): (Place & { headingRad: number }) | null;
}

export interface AirEmission {
  medium: 'air';
  /** Microseconds since the Unix epoch, as in all that follows. */
  timeUs: number;
  from: Transmitter;
  /** Index of the access point that sends it, or −1: its own radio has it without a signal. */
  accessPoint: number;
  band: Band;
  channel: number;
  /** MPDU without radiotap and check sequence. */
  frame: Uint8Array;
  /** Whether the world still has to number it: frames of access points, which many stations' scripts make. */
  numbered: boolean;
}

/** A port of a device, `uplink` for an access point's, that a frame passes. */
export interface Passing {
  device: string;
  port: string;
  tagged: boolean;
  /** Which direction the device hears here: a switch what comes in, an access point both. */
  hears: Direction | 'both';
}

/** `up` is towards the root of the spanning tree, where servers and gateways are. */
export type Direction = 'up' | 'down';

export interface WireEmission {
  medium: 'wire';
  timeUs: number;
  /** The ports that it passes, in order. */
  way: readonly Passing[];
  /** Ports beside the way that a frame for a group comes in by. */
  flooded?: readonly Passing[];
  direction: Direction;
  vlan: number;
  frame: Uint8Array;
}

export interface BleEmission {
  medium: 'ble';
  timeUs: number;
  from: Transmitter;
  address: string;
  random: boolean;
  connectable: boolean;
  advertisingData: Uint8Array;
}

/** Nothing is sent, but time goes on: what never ends must say so now and then. */
export interface Tick {
  medium: 'none';
  timeUs: number;
}

export const tick = (timeUs: number): Tick => ({ medium: 'none', timeUs });

export type JoinOutcome = 'joined' | 'eap-rejected' | 'eap-timeout' | 'wrong-key';
export type AddressOutcome = 'bound' | 'no-offer' | 'offer-ignored' | 'no-network';

/** What goes wrong for somebody who is connected. */
export type Trouble =
  | 'name-unknown'
  | 'name-slow'
  | 'gateway-silent'
  | 'address-slow'
  | 'authentication-slow'
  | 'address-duplicate'
  | 'lease-not-renewed'
  | 'link-down';

export interface Joined {
  being: string;
  mac: string;
  accessPoint: string;
  band: Band;
  bssid: string;
  ssid: string;
  /** 802.1X identity, as it goes over the air. */
  userName: string | null;
  outcome: JoinOutcome;
  /** Ids of the happenings that are to blame, where it failed. */
  causes: string[];
}

/** Somebody who is on the network. */
export interface Connected {
  being: string;
  mac: string;
  sinceMs: number;
  /** Null on a cable. */
  wifi: Pick<Joined, 'accessPoint' | 'band' | 'bssid' | 'ssid' | 'userName'> | null;
  vlan: number | null;
  /** Null while it has no address. */
  ipv4: string | null;
  hostName: string | null;
}

/** What the world knows of its own: the record of what was done, beside the frames that show it. */
export type Fact =
  | { type: 'scan'; being: string; mac: string; frames: number }
  | ({ type: 'join' } & Joined)
  | ({ type: 'roam' } & Joined)
  | {
      type: 'address';
      being: string;
      mac: string;
      vlan: number;
      ipv4: string | null;
      hostName: string | null;
      outcome: AddressOutcome;
      causes: string[];
    }
  | { type: 'trouble'; being: string; mac: string; what: Trouble; causes: string[] }
  | {
      type: 'leave';
      being: string;
      mac: string;
      /** `bug`: its own fault. */
      reason: LeaveReason | 'bug';
      causes: string[];
    }
  /** Was connected already when the run began. */
  | ({ type: 'connected' } & Connected);

export interface Note {
  medium: 'note';
  timeUs: number;
  fact: Fact;
}

export type Emission = AirEmission | WireEmission | BleEmission | Tick | Note;

/** A script: emissions in order of time; it returns when it ends. */
export type Script<R = number> = Generator<Emission, R>;
