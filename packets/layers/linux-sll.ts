import { hex, macText, u16, u32 } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import { FIRST_ETHERTYPE, protocolOfEtherType } from '../ethertype.ts';
import type { Layer } from '../layer.ts';
import { Proto } from '../protocols.ts';

/** "Cooked" captures of Linux, LINKTYPE_LINUX_SLL and _SLL2 of the tcpdump registry. */

const SLL_HEADER = 16;
const SLL2_HEADER = 20;

/** Protocol values below the EtherTypes: Linux' own numbers for 802.2. */
const LINUX_802_2 = 0x0004;

/** Hardware types that have no EtherType in the protocol field. */
const ARPHRD_NETLINK = 824;
const ARPHRD_IPGRE = 778;
const ARPHRD_RADIOTAP = 803;
const ARPHRD_FRELAY = 770;

export interface LinuxSllRecord {
  /** sll.pkttype: 0 to us, 1 broadcast, 2 multicast, 3 to others, 4 from us. */
  packetType: number;
  /** sll.hatype, sll.halen, sll.src.eth (MAC where it is one, hexadecimal otherwise) */
  hardwareType: number;
  addressLength: number;
  source: string;
  /** sll.etype */
  protocol: number;
  /** sll.ifindex, version 2 only */
  interfaceIndex?: number;
}

function sourceText(b: Uint8Array, at: number, length: number): string {
  return length === 6 ? macText(b, at) : hex(b, at, at + Math.min(length, 8));
}

function protocolAfter(hardwareType: number, protocol: number): number {
  if (hardwareType === ARPHRD_RADIOTAP) return Proto.radiotap;
  if (hardwareType === ARPHRD_NETLINK || hardwareType === ARPHRD_IPGRE || hardwareType === ARPHRD_FRELAY) {
    return Proto.none;
  }
  if (protocol === LINUX_802_2) return Proto.llc;
  return protocol >= FIRST_ETHERTYPE ? protocolOfEtherType(protocol) : Proto.none;
}

export const linuxSll: Layer<LinuxSllRecord> = {
  proto: Proto.linuxSll,
  dissect(d: Dissection, start: number, end: number): void {
    if (end - start < SLL_HEADER) {
      d.truncated(Proto.linuxSll, start, SLL_HEADER, end - start);
      return;
    }
    d.push(Proto.linuxSll, start, start + SLL_HEADER, end);
    const next = protocolAfter(u16(d.frame, start + 2), u16(d.frame, start + 14));
    d.next(next, start + SLL_HEADER, end);
  },
  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    return {
      packetType: u16(b, start),
      hardwareType: u16(b, start + 2),
      addressLength: u16(b, start + 4),
      source: sourceText(b, start + 6, u16(b, start + 4)),
      protocol: u16(b, start + 14),
    };
  },
};

export const linuxSll2: Layer<LinuxSllRecord> = {
  proto: Proto.linuxSll2,
  dissect(d: Dissection, start: number, end: number): void {
    if (end - start < SLL2_HEADER) {
      d.truncated(Proto.linuxSll2, start, SLL2_HEADER, end - start);
      return;
    }
    d.push(Proto.linuxSll2, start, start + SLL2_HEADER, end);
    const next = protocolAfter(u16(d.frame, start + 8), u16(d.frame, start));
    d.next(next, start + SLL2_HEADER, end);
  },
  record(d, i) {
    const b = d.frame;
    const start = d.start[i];
    return {
      protocol: u16(b, start),
      interfaceIndex: u32(b, start + 4),
      hardwareType: u16(b, start + 8),
      packetType: b[start + 10],
      addressLength: b[start + 11],
      source: sourceText(b, start + 12, b[start + 11]),
    };
  },
};
