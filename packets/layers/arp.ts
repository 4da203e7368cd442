import { hex, ipv4Text, macText, u16 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import { EtherType } from '../ethertype.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

const FIXED = 8;
const HARDWARE_ETHERNET = 1;

export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;

export const arpOpcode = (b: Uint8Array, start: number): number => u16(b, start + 6);
/** Whether this is IPv4 over 48-bit addresses; only then do the four offsets below hold. */
export const arpIsIpv4 = (b: Uint8Array, start: number): boolean =>
  u16(b, start + 2) === EtherType.ipv4 && b[start + 4] === 6 && b[start + 5] === 4;
/** Offsets of the addresses of an IPv4 ARP from the start of the layer. */
export const ARP_SENDER_MAC = 8;
export const ARP_SENDER_IPV4 = 14;
export const ARP_TARGET_MAC = 18;
export const ARP_TARGET_IPV4 = 24;

export interface ArpRecord {
  /** arp.hw.type, arp.proto.type, arp.hw.size, arp.proto.size, arp.opcode */
  hwType: number;
  protoType: number;
  hwSize: number;
  protoSize: number;
  opcode: number;
  /** arp.src.hw_mac …: MAC and dotted text where the sizes are those, otherwise hexadecimal. */
  srcHw: string;
  srcProto: string;
  dstHw: string;
  dstProto: string;
  /** arp.isgratuitous: sender and target protocol address are the same. */
  isGratuitous: boolean;
}

/** Address resolution (RFC 826), reverse (RFC 903) and inverse (RFC 2390). */
export const arp: Layer<ArpRecord> = {
  proto: Proto.arp,
  dissect(d: Dissection, start: number, end: number): void {
    const available = end - start;
    if (available < FIXED) {
      d.truncated(Proto.arp, start, FIXED, available);
      return;
    }
    const needed = FIXED + 2 * (d.frame[start + 4] + d.frame[start + 5]);
    if (available < needed) {
      d.truncated(Proto.arp, start, needed, available);
      return;
    }
    d.push(Proto.arp, start, start + needed, start + needed);
  },
  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    const hwType = u16(b, start);
    const protoType = u16(b, start + 2);
    const hwSize = b[start + 4];
    const protoSize = b[start + 5];
    const hwText = (o: number): string =>
      hwSize === 6 && hwType === HARDWARE_ETHERNET ? macText(b, o) : hex(b, o, o + hwSize);
    const protoText = (o: number): string =>
      protoSize === 4 && protoType === EtherType.ipv4 ? ipv4Text(b, o) : hex(b, o, o + protoSize);
    const sender = start + FIXED;
    const target = sender + hwSize + protoSize;
    const srcProto = protoText(sender + hwSize);
    const dstProto = protoText(target + hwSize);
    return {
      hwType,
      protoType,
      hwSize,
      protoSize,
      opcode: arpOpcode(b, start),
      srcHw: hwText(sender),
      srcProto,
      dstHw: hwText(target),
      dstProto,
      isGratuitous: srcProto === dstProto,
    };
  },
};
