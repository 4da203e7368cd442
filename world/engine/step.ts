/** What a run of the world consists of. */
import type { BleAdvertisement } from '../frames/btle.ts';
import type { Fact } from './emission.ts';

/** A frame at one observer: the device that heard it and the interface that it came in on. */
export interface WorldFrame {
  type: 'frame';
  /** Microseconds since the Unix epoch. */
  timeUs: number;
  device: string;
  /** `2.4`, `5`, `6`, `scan`, `ble`, `uplink`, or a switch's port. */
  interface: string;
  /** LINKTYPE_ value: radiotap (127), BLE (256) or Ethernet (1). */
  linkType: number;
  bytes: Uint8Array;
  /** Null on wires, and for what the radio sent itself. */
  rssiDbm: number | null;
  /** What a Bluetooth radio makes of `bytes`. */
  advertisement?: BleAdvertisement;
}

export interface WorldFact {
  type: 'fact';
  timeUs: number;
  fact: Fact;
}

export type WorldStep = WorldFrame | WorldFact;
