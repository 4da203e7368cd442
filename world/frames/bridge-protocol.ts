/** Spanning tree BPDUs: configuration (IEEE 802.1D-1998 9.3.1) and rapid (802.1D-2004 9.3.3). */
import { ethernetLlc } from './ethernet.ts';
import { be16, be32, octets } from './octets.ts';

const BRIDGE_GROUP = [0x01, 0x80, 0xc2, 0x00, 0x00, 0x00];
const LLC = [0x42, 0x42, 0x03];

export interface Bpdu {
  /** Address of the port that sends. */
  source: Uint8Array;
  root: { priority: number; mac: Uint8Array };
  rootPathCost: number;
  bridge: { priority: number; mac: Uint8Array };
  /** Port priority (multiple of 16) and number. */
  port: { priority: number; number: number };
  messageAgeS: number;
  flags: number;
}

/** Flags of a rapid BPDU of a designated port that forwards: agreement, forwarding, learning, role 3. */
export const DESIGNATED_FORWARDING = 0x7c;

const seconds = (value: number): number[] => be16(value * 256);

function fields(of: Bpdu): Uint8Array {
  return octets(
    [of.flags],
    be16(of.root.priority),
    of.root.mac,
    be32(of.rootPathCost),
    be16(of.bridge.priority),
    of.bridge.mac,
    be16((of.port.priority << 8) | of.port.number),
    seconds(of.messageAgeS),
    seconds(20),
    seconds(2),
    seconds(15),
  );
}

export const rapidBpdu = (of: Bpdu): Uint8Array =>
  ethernetLlc(BRIDGE_GROUP, of.source, octets(LLC, [0, 0, 2, 2], fields(of), [0]));

export const configurationBpdu = (of: Bpdu): Uint8Array =>
  ethernetLlc(BRIDGE_GROUP, of.source, octets(LLC, [0, 0, 0, 0], fields(of)));
